/** A run with workers in this process, whose application is a client of its own. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beginRun, type MainRun, prepareSettings } from '@dustpan/core/runner'
import { joinRun, type OpenScope, type RunnerSession } from '@dustpan/core/worker'
import { onTestFinished } from 'vitest'

export interface Run {
  readonly folder: string
  readonly main: MainRun
  readonly id: string
  worker(): Promise<Worker>
}

export interface Worker {
  readonly session: RunnerSession
  readonly file: OpenScope
  openFile(name: string): OpenScope
  openTest(title: string, more?: { attempt?: number; in?: OpenScope }): OpenScope
}

export async function startRun(
  url: string,
  config: object = {},
  options: object = { application: true },
): Promise<Run> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dustpan-run-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'node_modules', '@dustpan'), { recursive: true })
  symlinkSync(join(import.meta.dirname, '../..'), join(folder, 'node_modules', '@dustpan', 'postgres'))
  const drivers = [{ use: '@dustpan/postgres', name: 'main', options: { url, ...options } }]
  const cleanup = { strategy: 'conditional', retry: { attempts: 1 } }
  writeFileSync(join(folder, 'dustpan.config.json'), JSON.stringify({ cleanup, ...config, drivers }))
  const main = beginRun(await prepareSettings(folder), 'test', {})
  return { folder, main, id: main.ticket.run, worker: () => startWorker(main) }
}

async function startWorker(main: MainRun): Promise<Worker> {
  const session = await joinRun(main.ticket, { moduleHooks: false })
  onTestFinished(() => session[Symbol.asyncDispose]())
  const openFile = (file: string) => session.openScope(undefined, { kind: 'file', file, attempt: 0 })
  const file = openFile('a.test.ts')
  return {
    session,
    file,
    openFile,
    openTest: (title, { attempt = 0, in: parent = file } = {}) =>
      session.openScope(parent, { kind: 'test', file: 'a.test.ts', path: [title], attempt }),
  }
}
