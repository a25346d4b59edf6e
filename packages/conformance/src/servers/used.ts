/** Logs which test file used which server: one line of JSON each, in the file named by DUSTPAN_TEST_SERVERS. */
import { appendFile } from 'node:fs/promises'
import type { Kind, Missing, Server } from './server.ts'

export interface Used {
  readonly file: string
  readonly kind: Kind
  readonly product?: string
  readonly missing?: string
}

export async function note(kind: Kind, found: Server | Missing): Promise<void> {
  const list = process.env.DUSTPAN_TEST_SERVERS
  if (list === undefined) return
  const used: Used = { file: await testFile(), kind, ...('missing' in found ? found : { product: found.product }) }
  await appendFile(list, `${JSON.stringify(used)}\n`)
}

async function testFile(): Promise<string> {
  try {
    const { expect } = await import('vitest')
    return expect.getState().testPath ?? ''
  } catch {
    return process.argv[1] ?? '' // a process that a test started
  }
}
