/** Starts other processes, which remove and restore by the ledger alone, or load a driver without its library. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Json } from '@dustpan/core/driver'
import type { Run } from '../run/run.ts'

export interface RemovedElsewhere {
  readonly key: Json
  readonly state: string
  readonly why?: string
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string }
}

/** Removes everything on record in this many simultaneous processes. Resolves to the outcomes that each process reports. */
export async function removeElsewhere(run: Run, processes = 1): Promise<readonly (readonly RemovedElsewhere[])[]> {
  const args = [run.folder, run.main.ticket.run]
  const started = Array.from({ length: processes }, () => start('remove.ts', args))
  await Promise.all(started.map(({ ready }) => ready))
  for (const { child } of started) child.stdin.write('go\n')
  return Promise.all(started.map(async ({ output }) => JSON.parse((await output).split('\n')[1] ?? '')))
}

/** Restores everything from backups in another process. Resolves to the outcome of each resource. */
export async function restoreElsewhere(run: Run): Promise<ReadonlyMap<string, { readonly state: string }>> {
  return new Map(JSON.parse(await start('restore.ts', [run.folder, run.main.ticket.run]).output))
}

/** Resolves to the error with which the driver refuses to connect. */
export async function connectElsewhere(...args: string[]): Promise<{ code?: string; message?: string; hint?: string }> {
  return JSON.parse(await start('connect.ts', args).output)
}

function start(script: string, args: readonly string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'elsewhere', script), ...args])
  let [out, errors] = ['', '']
  child.stdout.on('data', (text) => {
    out += text
  })
  child.stderr.on('data', (text) => {
    errors += text
  })
  const output = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`${script} ended with ${code}: ${errors}`)
    return out
  })
  const ready = Promise.race([once(child.stdout, 'data'), output])
  return { child, ready, output }
}
