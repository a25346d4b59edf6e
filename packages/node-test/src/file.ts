/** What is around the tests of this process: its file, and the run. */
import { setTimeout } from 'node:timers/promises'
import type { OpenScope, RunnerSession, Verdict } from '@dustpan/core/worker'
import type { CurrentRun } from './current-run.ts'
import { fileIdentity } from './identity.ts'
import { endAfterHooks } from './last-hook.ts'
import type { NodeTest } from './node-test.ts'
import { fileVerdict } from './verdict.ts'

export interface TestFile {
  readonly session: RunnerSession
  readonly scope: OpenScope
  /** From now on it ends when all tests and hooks are over, and tells so in the runner's output. */
  endWith(root: NodeTest): void
  /** Cleans up what is open. Never rejects; a second call waits for the first. */
  interrupt(): Promise<void>
}

/** Taken before a test can mock it. */
const wait = setTimeout

/** For what a test that was cut off has begun to create. */
const patienceMs = 2000

export function openFile({ session, end }: CurrentRun): TestFile {
  const scope = session.openScope(undefined, fileIdentity(onlyFile()))
  scope.enter()
  let ending: Promise<unknown> | undefined
  let known: NodeTest | undefined
  const close = async (verdict: Verdict, print: (text: string) => void): Promise<unknown> => {
    // Interrupted, its scope waits itself, and not as long.
    if (verdict !== 'interrupted') await session.settled(patienceMs)
    const report = await scope.close(verdict, { willRetry: false })
    await session.release()
    await end(verdict, print)
    return cleanupFailure(session, report)
  }
  const closeAll = async () => {
    await session.interrupt()
    return close('interrupted', (text) => process.stderr.write(`${text}\n`))
  }
  // For files without tests. Node gets here too when all that is left is a test that hangs.
  process.on('beforeExit', () => {
    if (ending !== undefined || (known && isRunning(known))) return
    const verdict = known ? fileVerdict(known, null) : 'passed'
    ending = close(verdict, (text) => process.stdout.write(`${text}\n`))
  })
  return {
    session,
    scope,
    endWith(root) {
      if (known === root) return
      known = root
      endAfterHooks(root, {
        isAwaited: () => true,
        end(hookError) {
          ending ??= untilOver(root).then(() => close(fileVerdict(root, hookError), (text) => tell(root, text)))
          return ending
        },
      })
    },
    async interrupt() {
      ending ??= closeAll()
      await ending
    },
  }
}

const isRunning = ({ subtests }: NodeTest): boolean => subtests.some(({ finished }) => !finished)

/** Node ends the root as soon as there is no test left to run: with `await test()` at the top of a file that is after each of them. */
async function untilOver(root: NodeTest): Promise<void> {
  do await wait(2)
  while (isRunning(root))
}

/** Without isolation the process that runs `--test` runs all files itself. */
const onlyFile = () => (process.execArgv.includes('--test') ? undefined : process.argv[1])

/** One line at a time: TAP has no others. */
function tell(root: NodeTest, text: string): void {
  for (const line of text.split('\n')) if (line !== '') root.diagnostic(line)
}

/** What is to fail the test, with `onCleanupFailure: 'fail'`. */
export function cleanupFailure(session: RunnerSession, report: Parameters<RunnerSession['failIfAsked']>[0]): unknown {
  try {
    session.failIfAsked(report)
    return undefined
  } catch (error) {
    return error
  }
}
