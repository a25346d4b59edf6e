import { execa } from 'execa'
import { root } from '../workspace.ts'

/** Runs a tool of the project. If it fails, its output is the finding. */
export async function commandFindings(command: string, args: string[], env = {}): Promise<string[]> {
  const { failed, all } = await execa(command, args, { cwd: root, env, preferLocal: true, all: true, reject: false })
  return failed ? [all] : []
}
