import { execa } from 'execa'
import { root } from '../workspace.ts'

/** Runs a tool of the project; what it printed is the finding when it fails. */
export async function commandFindings(command: string, args: string[], env = {}): Promise<string[]> {
  const { failed, all } = await execa(command, args, { cwd: root, env, preferLocal: true, all: true, reject: false })
  return failed ? [all] : []
}
