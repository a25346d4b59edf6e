import { readFile } from 'node:fs/promises'
import { publint as lint } from 'publint'
import { formatMessage } from 'publint/utils'
import { packAll } from '../pack.ts'

/** Runs publint on the packed tarballs. */
export async function publint(): Promise<string[]> {
  const findings = await Promise.all([...(await packAll())].map(([name, tarball]) => lintTarball(name, tarball)))
  return findings.flat()
}

async function lintTarball(name: string, tarball: string): Promise<string[]> {
  const { buffer } = new Uint8Array(await readFile(tarball))
  const { messages, pkg } = await lint({ pack: { tarball: buffer }, level: 'warning', strict: true })
  return messages.map((message) => `${name}: ${formatMessage(message, pkg, { color: false }) ?? message.code}`)
}
