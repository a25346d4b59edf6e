/** The terminal that commands write to and ask at. */
import { createInterface } from 'node:readline/promises'
import kleur from 'kleur'

export interface Terminal {
  /** In characters; infinite when the output is not a terminal. */
  readonly width: number
  readonly colour: boolean
  /** Whether a person can answer. */
  readonly interactive: boolean
  write(text: string): void
  /** To standard error. */
  writeError(text: string): void
  /** Resolves to undefined on Ctrl-C or Ctrl-D. */
  ask(question: string): Promise<string | undefined>
  /** Whether a question was cancelled by Ctrl-C. */
  readonly interrupted: boolean
  /** One line that the next one replaces; an empty one clears it. Does nothing without a terminal. */
  progress(line: string): void
}

export function processTerminal({ stdin, stdout, stderr } = process): Terminal {
  for (const stream of [stdout, stderr]) stream.on('error', ignoreClosedPipe)
  let interrupted = false
  const onInterrupt = () => {
    interrupted = true
  }
  return {
    // Some pseudo-terminals report no width.
    width: stdout.columns || Number.POSITIVE_INFINITY,
    colour: kleur.enabled,
    interactive: Boolean(stdin.isTTY && stdout.isTTY),
    write: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(text),
    ask: (question) => ask(question, stdin, stdout, onInterrupt),
    get interrupted() {
      return interrupted
    },
    progress(line) {
      if (stderr.isTTY) stderr.write(`\r\x1b[K${line}`)
    },
  }
}

/** `dustpan … | head` closes the pipe; the command's work must be finished all the same. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

async function ask(
  question: string,
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  onInterrupt: () => void,
): Promise<string | undefined> {
  const lines = createInterface({ input, output })
  try {
    const closed = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)))
    lines.once('SIGINT', () => {
      onInterrupt()
      lines.close()
    })
    const answer = await Promise.race([lines.question(question), closed])
    if (answer === undefined) output.write('\n')
    return answer
  } finally {
    lines.close()
  }
}
