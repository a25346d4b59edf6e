/** Invokes a runner. */
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import type { Api } from '../api.ts'
import type { Project } from '../project.ts'
import type { Case, Stage } from './case.ts'

export interface Invocation {
  readonly exit: 'passes' | 'fails' | 'never ends'
  readonly output: string
}

/** After this long, even on a busy machine, an invocation is considered hung. */
const maxMs = 300_000

export async function invoke(
  project: Project,
  args: readonly string[],
  env: Record<string, string>,
  api: Api,
  during?: (stage: Stage) => Promise<void>,
): Promise<Invocation> {
  const running = project.start(args, env, { detached: true })
  let ended = false
  const end = running.then((result) => {
    ended = true
    return result
  })
  const signal = (name: NodeJS.Signals) => signalGroup(running.pid, name)
  let late = false
  const tooLate = setTimeout(() => {
    late = true
    signal('SIGKILL')
  }, maxMs)
  const until = async (so: () => boolean) => {
    while (!ended && !so()) await sleep(20)
  }
  await during?.({ api, project, signal, until })
  const { all, exitCode } = await end
  clearTimeout(tooLate)
  signal('SIGKILL')
  return { exit: late ? 'never ends' : exitCode === 0 ? 'passes' : 'fails', output: all ?? '' }
}

/** Reaches processes that outlived the group's leader, too. */
function signalGroup(pid: number | undefined, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name)
  } catch {
    // The whole group has ended.
  }
}

/** Runs `dustpan clean` for every run of the project. */
export async function cleanUp({ alone }: Case, { folder }: Project, env: Record<string, string>): Promise<string> {
  if (!alone?.clean) return ''
  const runs = globSync('.dustpan/runs/*', { cwd: folder }).map((run) => basename(run))
  const results = runs.map((run) =>
    execa(process.execPath, [join(folder, 'node_modules', '.bin', 'dustpan'), 'clean', run, '--yes'], {
      cwd: folder,
      env: { ...env, NO_COLOR: '1' },
      all: true,
      reject: false,
    }),
  )
  return (await Promise.all(results)).map(({ all }) => all).join('\n')
}
