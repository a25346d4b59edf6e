/** Opens the scope of this process's test file, and closes it when all tests and hooks are over. */
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
  /** Makes the file end after all tests and hooks of this root, with the report in the runner's output. */
  endWith(root: NodeTest): void
  /** Cleans up open scopes. Never rejects; a second call waits for the first. */
  interrupt(): Promise<void>
}

/** Kept before a test can mock it. */
const wait = setTimeout

/** How long to wait for pending requests of a test that was cut off. */
const patienceMs = 2000

export function openFile({ session, end }: CurrentRun): TestFile {
  const scope = session.openScope(undefined, fileIdentity(onlyFile()))
  scope.enter()
  let ending: Promise<unknown> | undefined
  let knownRoot: NodeTest | undefined
  const close = async (verdict: Verdict, print: (text: string) => void): Promise<unknown> => {
    // When interrupted, the scope itself waits, for a shorter time.
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
  // For files without tests. Node also emits it when only a hanging test is left.
  process.on('beforeExit', () => {
    if (ending !== undefined || (knownRoot && isRunning(knownRoot))) return
    const verdict = knownRoot ? fileVerdict(knownRoot, null) : 'passed'
    ending = close(verdict, (text) => process.stdout.write(`${text}\n`))
  })
  return {
    session,
    scope,
    endWith(root) {
      if (knownRoot === root) return
      knownRoot = root
      endAfterHooks(root, {
        isAwaited: () => true,
        end(hookError) {
          ending ??= untilOver(root).then(() =>
            close(fileVerdict(root, hookError), (text) => printDiagnostics(root, text)),
          )
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

/** Node ends the root whenever no test is left to run: with a top-level `await test()`, after each of them. */
async function untilOver(root: NodeTest): Promise<void> {
  do await wait(2)
  while (isRunning(root))
}

/** Undefined without isolation, where the process of `--test` runs all files itself. */
const onlyFile = () => (process.execArgv.includes('--test') ? undefined : process.argv[1])

/** Line by line, as a TAP diagnostic is a single line. */
function printDiagnostics(root: NodeTest, text: string): void {
  for (const line of text.split('\n')) if (line !== '') root.diagnostic(line)
}

/** The error to fail the test with, for `onCleanupFailure: 'fail'`. */
export function cleanupFailure(session: RunnerSession, report: Parameters<RunnerSession['failIfAsked']>[0]): unknown {
  try {
    session.failIfAsked(report)
    return undefined
  } catch (error) {
    return error
  }
}
