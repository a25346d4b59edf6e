/**
 * A server that does not outlive its test process, however that ends: a guardian shell waits on a pipe that closes with us, then
 * kills the server and removes its folder.
 */
import { type ChildProcess, spawn } from 'node:child_process'

export interface GuardedProcess {
  /** Resolves to its last output when it has ended. */
  readonly ended: Promise<string>
  /** `remove`: kills it and deletes the folder. `keep`: an orderly shutdown that keeps the folder. */
  stop(how: 'remove' | 'keep' | 'kill and keep'): Promise<void>
}

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

const guardian = `
folder=$1; shift
"$@" </dev/null & server=$!
exec >/dev/null 2>&1
trap '' INT TERM HUP
read -r how
case $how in
  keep) kill -TERM $server; (sleep 10; kill -KILL $server) & impatience=$! ;;
  *) kill -KILL $server ;;
esac
wait $server
kill -KILL $impatience
case $how in *keep) ;; *) rm -rf "$folder" ;; esac`

/** In a session of its own, so that Ctrl-C in a terminal does not reach it directly. */
export function startGuarded(folder: string, { program, args, env = {} }: Command): GuardedProcess {
  const child = spawn('/bin/sh', ['-c', guardian, 'guardian', folder, program, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const ended = lastWords(child)
  child.stdin.on('error', () => {}) // in case the guardian was killed
  child.unref()
  return {
    ended,
    async stop(how) {
      child.ref()
      child.stdin?.end(`${how}\n`)
      await gone
    },
  }
}

/** Only the server holds both streams, so they close when it ends. */
async function lastWords(child: ChildProcess): Promise<string> {
  let words = ''
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null)
  await Promise.all(
    streams.map((stream) => {
      stream.setEncoding('utf8').on('data', (text: string) => {
        words = (words + text).slice(-4000)
      })
      ;(stream as typeof stream & { unref?(): void }).unref?.()
      return new Promise((resolve) => stream.once('close', resolve))
    }),
  )
  return words
}
