/**
 * A file system in memory with faults on demand: it loses power, runs full, and its processes are killed, stopped or
 * refused at any of their operations. One disk is shared by many processes, each with its own view.
 *
 * It distinguishes synced data from other data, as the strictest real file systems do: the contents of a file survive a
 * power cut as of the last sync of the file, its name as of the last sync of its directory. Operations take no time.
 */
import { SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import { Effect, Layer, Option, Stream } from "effect"
import {
  bytesOf,
  cutTo,
  type DirectoryNode,
  type FileNode,
  losePower,
  type Node,
  newDirectory,
  newFile,
  putBytes,
  refuse,
  sync
} from "./diskNodes.js"

/**
 * The fault of an operation. A write with a fault has written half of its bytes, other operations have done nothing.
 */
export type Fault = "kill" | "stall" | "fail"

/** The disk as one process sees it. */
export interface Process {
  readonly fileSystem: FileSystem.FileSystem
  /** {@link fileSystem} and its paths. */
  readonly layer: Layer.Layer<FileSystem.FileSystem | Path.Path>
  /** Its operations, in order: `open /a/b`, `sync /a/b`, `rename /a/b /a/c`. */
  readonly operations: ReadonlyArray<string>
  /** Sets the fault of one operation: 0 is the next one. */
  readonly faultAt: (fault: Fault, after?: number) => void
  /** From now on operations that match fail, by their text in {@link operations}: the next `times`, or all. */
  readonly refuse: (what: RegExp, times?: number) => void
  /** Like `kill -9`: from now on every operation fails, and none has any effect. */
  readonly kill: () => void
  readonly isKilled: () => boolean
  /** Like `kill -STOP`: every operation waits for {@link resume}, which also removes the faults that were set. */
  readonly stall: () => void
  readonly resume: () => void
}

export interface Disk {
  readonly process: () => Process
  /**
   * Kills every process, and discards data that was not synced: all of it, or what `chance` decides (see `losePower`).
   */
  readonly powerCut: (chance?: () => number) => void
  /** How many more bytes can be written. */
  readonly setRoom: (bytes: number) => void
  /** Every file with its contents, by its path. */
  readonly files: () => Map<string, Uint8Array>
  /** Creates a synced file with its directories. */
  readonly put: (path: string, contents: Uint8Array | string) => void
  readonly modeOf: (path: string) => number | undefined
}

const namesIn = (path: string) => path.split("/").filter((name) => name !== "" && name !== ".")

export const make = (): Disk => {
  const root = newDirectory(0o755)
  const processes = new Set<{ kill: () => void }>()
  let room = Number.POSITIVE_INFINITY
  let descriptors = 2

  const find = (path: string): Node | undefined => {
    let node: Node | undefined = root
    for (const name of namesIn(path)) node = node?.kind === "Directory" ? node.entries.get(name) : undefined
    return node
  }
  const need = (method: string, path: string): Node =>
    find(path) ?? refuse("NotFound", method, path, "ENOENT: no such file or directory")
  const needDirectory = (method: string, path: string): DirectoryNode => {
    const node = need(method, path)
    return node.kind === "Directory" ? node : refuse("BadResource", method, path, "ENOTDIR: not a directory")
  }
  const needFile = (method: string, path: string): FileNode => {
    const node = need(method, path)
    return node.kind === "File" ? node : refuse("BadResource", method, path, "EISDIR: it is a directory")
  }
  const place = (method: string, path: string): [parent: DirectoryNode, name: string] => {
    const names = namesIn(path)
    const name = names.pop() ?? refuse("PermissionDenied", method, path, "EPERM: it is the root")
    return [needDirectory(method, `/${names.join("/")}`), name]
  }

  const openNode = (method: string, path: string, flag: FileSystem.OpenFlag = "r", mode = 0o666): Node => {
    const [base, ...more] = flag
    if (base === "r") return flag === "r" ? need(method, path) : needFile(method, path)
    const [parent, name] = place(method, path)
    if (!parent.entries.has(name)) {
      const file = newFile(mode)
      parent.entries.set(name, file)
      return file
    }
    if (more.includes("x")) return refuse("AlreadyExists", method, path, "EEXIST: file already exists")
    const file = needFile(method, path)
    if (base === "w") cutTo(file, 0)
    return file
  }

  const makeDirectory = (path: string, options: FileSystem.MakeDirectoryOptions = {}): void => {
    const { mode = 0o777, recursive = false } = options
    const names = namesIn(path)
    const known = find(path)
    if (known?.kind === "Directory" && recursive) return
    if (known !== undefined) return refuse("AlreadyExists", "makeDirectory", path, "EEXIST: file already exists")
    const above = `/${names.slice(0, -1).join("/")}`
    if (recursive && names.length > 1) makeDirectory(above, options)
    const [parent, name] = place("makeDirectory", path)
    parent.entries.set(name, newDirectory(mode))
  }

  const remove = (path: string, { force = false, recursive = false }: FileSystem.RemoveOptions = {}): void => {
    const node = find(path)
    if (node === undefined && force) return
    const [parent, name] = place("remove", path)
    if (need("remove", path).kind === "Directory" && !recursive) {
      refuse("BadResource", "remove", path, "EISDIR: it is a directory")
    }
    parent.entries.delete(name)
  }

  const rename = (from: string, to: string): void => {
    const node = need("rename", from)
    const [parent, name] = place("rename", to)
    const there = parent.entries.get(name)
    if (there?.kind === "Directory" && there.entries.size > 0) {
      refuse("Unknown", "rename", to, "ENOTEMPTY: directory not empty")
    }
    const [oldParent, oldName] = place("rename", from)
    oldParent.entries.delete(oldName)
    parent.entries.set(name, node)
  }

  const info = (node: Node): FileSystem.File.Info => ({
    type: node.kind,
    mtime: Option.none(),
    atime: Option.none(),
    birthtime: Option.none(),
    dev: 1,
    ino: Option.some(node.number),
    mode: node.mode,
    nlink: Option.none(),
    uid: Option.none(),
    gid: Option.none(),
    rdev: Option.none(),
    size: FileSystem.Size(node.kind === "File" ? node.size : 0),
    blksize: Option.none(),
    blocks: Option.none()
  })

  const newProcess = (): Process => {
    const operations: Array<string> = []
    const awake = Effect.unsafeMakeLatch(true)
    let refused = { what: /^$/, times: 0 }
    let killed = false
    let met: { readonly fault: Fault; readonly at: number } | undefined

    /** One operation. `half` is its effect when it has a fault. */
    const operation = <A>(method: string, path: string, run: () => A, half?: () => void) =>
      Effect.suspend(() => {
        if (met?.fault === "stall" && operations.length >= met.at) {
          met = undefined
          awake.unsafeClose()
        }
        return Effect.zipRight(
          awake.await,
          Effect.try({
            try: (): A => {
              if (killed) return refuse("Unknown", method, path, "the process is dead")
              if (met !== undefined && met.fault !== "stall" && operations.length >= met.at) {
                killed = met.fault === "kill"
                met = undefined
                half?.()
                return refuse("Unknown", method, path, killed ? "the process is dead" : "EIO: i/o error")
              }
              operations.push(`${method} ${path}`)
              if (refused.times > 0 && refused.what.test(`${method} ${path}`)) {
                refused.times--
                return refuse("Unknown", method, path, "EIO: i/o error")
              }
              return run()
            },
            catch: (error) => {
              if (error instanceof SystemError) return error
              throw error
            }
          })
        )
      })

    const put = (file: FileNode, path: string, at: number, bytes: Uint8Array): number => {
      const fits = Math.min(room, bytes.length)
      putBytes(file, at, bytes.subarray(0, fits))
      room -= fits
      return fits < bytes.length ? refuse("Unknown", "write", path, "ENOSPC: no space left on device") : fits
    }

    const handle = (node: Node, path: string, flag: FileSystem.OpenFlag = "r"): FileSystem.File => {
      const appends = flag.startsWith("a")
      let position = 0
      const file = () => (node.kind === "File" ? node : refuse("BadResource", "write", path, "EISDIR: a directory"))
      const write = (method: string, bytes: Uint8Array) => {
        const append = (part: Uint8Array) => {
          const target = file()
          const written = put(target, path, appends ? target.size : position, part)
          position += written
          return written
        }
        return operation(
          method,
          path,
          () => append(bytes),
          () => append(bytes.subarray(0, bytes.length >> 1))
        )
      }
      const read = (size: number) => {
        const bytes = bytesOf(file()).subarray(position, position + size)
        position += bytes.length
        return bytes
      }
      return {
        [FileSystem.FileTypeId]: FileSystem.FileTypeId,
        fd: FileSystem.FileDescriptor(++descriptors),
        stat: operation("stat", path, () => info(node)),
        seek: (offset, from) =>
          Effect.sync(() => {
            position = Number(offset) + (from === "current" ? position : 0)
          }),
        sync: operation("sync", path, () => sync(node)),
        read: (buffer) =>
          operation("read", path, () => {
            const bytes = read(buffer.length)
            buffer.set(bytes)
            return FileSystem.Size(bytes.length)
          }),
        readAlloc: (size) =>
          operation("read", path, () =>
            Option.filter(Option.some(read(Number(size))), (bytes: Uint8Array) => bytes.length > 0)
          ),
        truncate: (length = 0) => operation("truncate", path, () => cutTo(file(), Number(length))),
        write: (bytes) => Effect.map(write("write", bytes), FileSystem.Size),
        writeAll: (bytes) => Effect.asVoid(write("write", bytes))
      }
    }

    const missing = () => Effect.dieMessage("the file system for tests has no such operation")
    const fileSystem = FileSystem.make({
      access: (path) => operation("access", path, () => void need("access", path)),
      chmod: (path, mode) =>
        operation("chmod", path, () => {
          need("chmod", path).mode = mode
        }),
      chown: missing,
      copy: missing,
      copyFile: missing,
      link: (from, to) =>
        operation("link", `${from} ${to}`, () => {
          const [parent, name] = place("link", to)
          if (parent.entries.has(name)) refuse("AlreadyExists", "link", to, "EEXIST: file already exists")
          parent.entries.set(name, needFile("link", from))
        }),
      makeDirectory: (path, options) => operation("makeDirectory", path, () => makeDirectory(path, options)),
      makeTempDirectory: missing,
      makeTempDirectoryScoped: missing,
      makeTempFile: missing,
      makeTempFileScoped: missing,
      open: (path, options) =>
        operation("open", path, () =>
          handle(openNode("open", path, options?.flag, options?.mode), path, options?.flag)
        ),
      readDirectory: (path) =>
        operation("readDirectory", path, () => [...needDirectory("readDirectory", path).entries.keys()]),
      readFile: (path) => operation("readFile", path, () => bytesOf(needFile("readFile", path))),
      readLink: missing,
      realPath: (path) =>
        operation("realPath", path, () => {
          need("realPath", path)
          return `/${namesIn(path).join("/")}`
        }),
      remove: (path, options) => operation("remove", path, () => remove(path, options)),
      rename: (from, to) => operation("rename", `${from} ${to}`, () => rename(from, to)),
      stat: (path) => operation("stat", path, () => info(need("stat", path))),
      symlink: missing,
      truncate: (path, length = 0) =>
        operation("truncate", path, () => cutTo(needFile("truncate", path), Number(length))),
      utimes: (path) => operation("utimes", path, () => void need("utimes", path)),
      watch: () => Stream.fromEffect(missing()),
      writeFile: (path, bytes, { flag = "w", mode } = {}) => {
        const write = (part: Uint8Array) => {
          const file = openNode("writeFile", path, flag, mode)
          if (file.kind === "File") put(file, path, flag.startsWith("a") ? file.size : 0, part)
        }
        return operation(
          "writeFile",
          path,
          () => write(bytes),
          () => write(bytes.subarray(0, bytes.length >> 1))
        )
      }
    })

    const process: Process = {
      fileSystem,
      layer: Layer.merge(Layer.succeed(FileSystem.FileSystem, fileSystem), Path.layer),
      operations,
      faultAt: (fault, after = 0) => {
        met = { fault, at: operations.length + after }
      },
      refuse: (what, times = Number.POSITIVE_INFINITY) => {
        refused = { what, times }
      },
      kill: () => {
        killed = true
        awake.unsafeOpen()
      },
      isKilled: () => killed,
      stall: () => awake.unsafeClose(),
      resume: () => {
        met = undefined
        awake.unsafeOpen()
      }
    }
    processes.add(process)
    return process
  }

  return {
    process: newProcess,
    powerCut: (chance = () => 0) => {
      for (const process of processes) process.kill()
      processes.clear()
      losePower(root, chance)
    },
    setRoom: (bytes) => {
      room = bytes
    },
    files: () => {
      const found = new Map<string, Uint8Array>()
      const visit = (node: Node, path: string): void => {
        if (node.kind === "File") found.set(path, bytesOf(node))
        else for (const [name, entry] of node.entries) visit(entry, `${path}/${name}`)
      }
      visit(root, "")
      return found
    },
    put: (path, contents) => {
      const names = namesIn(path)
      makeDirectory(`/${names.slice(0, -1).join("/")}`, { recursive: true })
      const file = newFile(0o666)
      putBytes(file, 0, typeof contents === "string" ? new TextEncoder().encode(contents) : contents)
      const [parent, name] = place("put", path)
      parent.entries.set(name, file)
      sync(file)
      let directory: Node | undefined = root
      for (const part of names) {
        if (directory?.kind !== "Directory") break
        sync(directory)
        directory = directory.entries.get(part)
      }
    },
    modeOf: (path) => find(path)?.mode
  }
}
