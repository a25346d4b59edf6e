/** A run with workers in this process, whose application is another one. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beginRun, type MainRun, prepareSettings } from '@dustpan/core/runner'
import { joinRun, type OpenScope, type RunnerSession } from '@dustpan/core/worker'
import { onTestFinished } from 'vitest'

export interface Run {
  readonly main: MainRun
  readonly id: string
  worker(): Promise<Worker>
}

export interface Worker {
  readonly session: RunnerSession
  readonly file: OpenScope
  /** Its process is known to the database before anything happens in it. */
  openTest(title: string): Promise<OpenScope>
}

export async function startRun(
  file: string,
  config: object = {},
  options: object = { application: true },
): Promise<Run> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dustpan-run-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'node_modules', '@dustpan'), { recursive: true })
  symlinkSync(join(import.meta.dirname, '../..'), join(folder, 'node_modules', '@dustpan', 'sqlite'))
  const drivers = [{ use: '@dustpan/sqlite', name: 'main', options: { file, ...options } }]
  const cleanup = { strategy: 'conditional', retry: { attempts: 1 } }
  writeFileSync(join(folder, 'dustpan.config.json'), JSON.stringify({ cleanup, ...config, drivers }))
  const main = beginRun(await prepareSettings(folder), 'test', {})
  return { main, id: main.ticket.run, worker: () => startWorker(main) }
}

async function startWorker(main: MainRun): Promise<Worker> {
  const session = await joinRun(main.ticket, { moduleHooks: false })
  onTestFinished(() => session[Symbol.asyncDispose]())
  const file = session.openScope(undefined, { kind: 'file', file: 'a.test.ts', attempt: 0 })
  return {
    session,
    file,
    async openTest(title) {
      const scope = session.openScope(file, { kind: 'test', file: 'a.test.ts', path: [title], attempt: 0 })
      await scope.ready()
      // Times are told in milliseconds: one that has begun belongs to nobody for certain.
      const begun = Date.now()
      while (Date.now() < begun + 3) await new Promise((resolve) => setImmediate(resolve))
      return scope
    },
  }
}
