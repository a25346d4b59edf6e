/** The built-in driver for files and folders. */
import { hostname } from 'node:os'
import { isAbsolute } from 'node:path'
import { DustpanError, invalidArgument } from '../errors/dustpan-error.ts'
import type { StoreConnection } from '../resource/connection.ts'
import type { CreateDriver, Driver } from '../resource/driver.ts'
import type { Json, ResourceId, StoreRef } from '../resource/resource.ts'
import type { RestoreOutcome, Target } from '../resource/target.ts'
import { copied, copiedBack } from './backup.ts'
import { fileSystems } from './file-system.ts'
import { incarnationOf } from './incarnation.ts'
import { absolutePath, type PathArgs, placeOf } from './path-args.ts'
import { protectedBy } from './protected-paths.ts'
import { removePaths } from './remove.ts'
import { sightingsOf } from './sightings.ts'
import { takenAlong } from './taken-along.ts'
import { workingFolder } from './working-folder.ts'

/** The store's id contains the host, as a path means something else on another machine. */
export const fileStore = (driver: string): StoreRef => ({ driver, id: `file://${hostname()}` })

export const createFilesDriver: CreateDriver = (name, _options, { root, dir, since }): Driver => {
  const fileSystemOf = fileSystems(dir)
  return {
    name,
    capabilities: {
      intent: 'before',
      proof: 'incarnation',
      maxBatch: 1000,
      concurrency: 1,
      atomicBatch: false,
      verify: 'free',
      transactions: false,
      database: false,
    },
    removal(spec, keys) {
      const op = spec.folder === undefined ? 'file' : 'folder'
      const working = workingFolder()
      const args = { path: pathTemplate(spec[op]), from: working ?? '/' }
      const paths = keys.map((key) => checkedPath(args, key, { root, working }))
      const seen = sightingsOf(paths, { root, since, fileSystemOf })
      return { removal: { driver: name, op, v: 1, args: { ...args, ...seen } }, store: fileStore(name) }
    },
    async connect(store) {
      if (store.id === fileStore(name).id) return connection(root)
      throw new DustpanError(
        'DUSTPAN_WRONG_STORE',
        `The file was created on ${store.id}, and this is ${fileStore(name).id}.`,
        {
          hint: 'Clean up on the machine where it was created.',
        },
      )
    },
    takesAlong: (going, staying) => takenAlong(going, staying, root),
    describe: ({ op, args }, key) =>
      `rm ${op === 'folder' ? '-r ' : ''}${absolutePath(args as unknown as PathArgs, key)}`,
  }
}

function pathTemplate(template: Json | undefined): string {
  if (typeof template === 'string' && template !== '') return template
  throw invalidArgument(`remove expected file or folder to be a path, got ${JSON.stringify(template)}.`)
}

interface Places {
  readonly root: string
  readonly working: string | undefined
}

function checkedPath(args: Pick<PathArgs, 'path' | 'from'>, key: Json, { root, working }: Places): string {
  const filled = args.path.replaceAll('{id}', () => String(key))
  if (/^file:/i.test(filled))
    throw invalidArgument(
      `track() of a file or folder expected a path, got the URL ${JSON.stringify(filled)}.`,
      'Give fileURLToPath(url), of node:url.',
    )
  if (working === undefined && !isAbsolute(filled))
    throw invalidArgument(
      `track() was given the relative path ${JSON.stringify(filled)}, and the working directory was removed.`,
      'Give an absolute path.',
    )
  const path = absolutePath(args, key)
  const reason = protectedBy(path, root)
  if (reason === undefined) return path
  throw invalidArgument(`track() was given ${JSON.stringify(path)}, which is ${reason}: that is never removed.`)
}

function connection(root: string): StoreConnection {
  const removed = new Set<string>()
  const pathOf = (target: Target): string => placeOf(target, root)
  return {
    remove: (targets, ctx) => removePaths(targets, { root, removed }, ctx),
    async probe(targets) {
      return new Map(
        targets.map((target) => [target.id, incarnationOf(pathOf(target)) ? 'present' : 'absent'] as const),
      )
    },
    async backup(targets, { backups = '' }) {
      const found = new Map<ResourceId, Json | DustpanError>()
      for (const target of targets) {
        const copy = await copied(pathOf(target), backups)
        if (copy !== undefined) found.set(target.id, copy)
      }
      return found
    },
    async putBack(given, { backups = '', note }) {
      const restored = new Map<ResourceId, RestoreOutcome>()
      for (const { target, backup } of given) {
        const path = pathOf(target)
        const outcome = await copiedBack(path, backup, backups)
        // It is a new file, but still ours.
        if (outcome.state === 'restored') note?.([target.id], { born: incarnationOf(path) ?? null })
        restored.set(target.id, outcome)
      }
      return restored
    },
    async [Symbol.asyncDispose]() {},
  }
}
