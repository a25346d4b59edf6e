/** Where the command writes, and whom it asks. */
import { createInterface } from 'node:readline/promises'
import kleur from 'kleur'

export interface Terminal {
  /** In characters; infinite when the output goes elsewhere. */
  readonly width: number
  readonly colour: boolean
  /** Whether somebody is there to answer. */
  readonly interactive: boolean
  write(text: string): void
  /** To standard error. */
  complain(text: string): void
  ask(question: string): Promise<string>
  /** One line that the next one replaces; an empty one takes it away. Nothing where there is no terminal. */
  progress(line: string): void
}

export function processTerminal({ stdin, stdout, stderr } = process): Terminal {
  for (const stream of [stdout, stderr]) stream.on('error', ignoreClosedPipe)
  return {
    width: stdout.columns ?? Number.POSITIVE_INFINITY,
    colour: kleur.enabled,
    interactive: Boolean(stdin.isTTY && stdout.isTTY),
    write: (text) => void stdout.write(text),
    complain: (text) => void stderr.write(text),
    ask: (question) => ask(question),
    progress(line) {
      if (stderr.isTTY) stderr.write(`\r\x1b[K${line}`)
    },
  }
}

/** `dustpan … | head`: nobody reads on, and what is being done is done all the same. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

/** The end of the input (Ctrl-D, Ctrl-C) is an empty answer. */
async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  try {
    const closed = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)))
    const answer = await Promise.race([lines.question(question), closed])
    if (answer === undefined) process.stdout.write('\n')
    return answer ?? ''
  } finally {
    lines.close()
  }
}
