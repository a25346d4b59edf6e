import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import {
  type FoldedRun,
  foldRun,
  loadSettings,
  type Orphans,
  orphansOf,
  type Resource,
  readRun,
  recoverRun,
  type Settings,
} from '@dustpan/core/ledger'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'
import { projectFolder } from '../../src/run/index.ts'
import { type StoreName, stores } from './stores.ts'

export interface KilledRun {
  readonly id: string
  readonly folder: string
  readonly settings: Settings
  /** Lets the process continue. */
  go(): void
  /** Waits until the process waits before its last create. */
  prepared(): Promise<unknown>
  kill(): Promise<void>
  /** Waits until the process has killed itself. */
  died(): Promise<void>
  recover(): Promise<readonly Resource[]>
  /** Recovers until no create is unresolved: a server may notice late that a client is dead. */
  resolved(): Promise<void>
  orphans(): Orphans | undefined
  folded(): FoldedRun
}

export interface Killed {
  readonly when?: 'before-fact' | 'never'
  readonly reaper?: boolean
  /** SQL that the test executes before its last create. */
  readonly also?: string
  readonly cleanup?: object
}

const program = join(import.meta.dirname, 'killed.ts')

/** Starts a run in a process, with the driver `main` for the store. */
export async function startKilled(
  store: StoreName,
  url: string,
  { when = 'before-fact', reaper = false, also = '', ...config }: Killed = {},
): Promise<KilledRun> {
  const { driver } = stores[store]
  const place = store === 'sqlite' ? { file: url } : { url }
  const options = { ...place, ...(store === 'mongodb' ? { mark: true } : {}) }
  const use = `@dustpan/${driver}`
  const folder = projectFolder(use, { ...config, drivers: [{ use, name: 'main', options }] })
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  const args = [program, folder, store, url, when, also]
  const child = execa(process.execPath, args, { env: { DUSTPAN_REAPER: reaper ? '1' : '0' }, reject: false })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [text] = await Promise.race([once(child.stdout, 'data'), child.then(({ stderr }) => Promise.reject(stderr))])
  const id = String(text).trim()
  const settings = await loadSettings(folder)
  const recover = () => recoverRun(settings, id, { role: 'cli', runner: 'dustpan orphans' })
  const folded = () => foldRun(id, readRun(settings.dir, id))
  return {
    ...{ id, folder, settings },
    go: () => void child.stdin.write('\n'),
    prepared: () => once(child.stdout, 'data'),
    async kill() {
      child.kill('SIGKILL')
      await child
    },
    async died() {
      const { signal, stderr } = await child
      if (signal !== 'SIGKILL') throw new Error(`It did not die: ${stderr}`)
    },
    recover,
    async resolved() {
      for (; folded().intents.size > 0; await setTimeout(100)) await recover()
    },
    orphans: () => orphansOf(settings, id),
    folded,
  }
}
