/** What does the durability of `track()` cost? */
import { closeSync, mkdtempSync, openSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { track } from '@dustpan/core'
import { compare } from './compare.ts'
import { benchSession } from './session.ts'

const n = 10_000
const folder = mkdtempSync(join(tmpdir(), 'bench-track-'))
let bench = await benchSession()
/** A new scope for each round, as records stay in memory until their resources are removed. */
const anew = async () => {
  await bench[Symbol.asyncDispose]()
  bench = await benchSession()
}

const trackAll = () => {
  const scope = bench.openTest()
  scope.run(() => {
    for (let id = 0; id < n; id++) track({ type: 'user', id, remove: 'DELETE http://localhost:3000/users/{id}' })
  })
}

trackAll()
/** The same lines that track() writes. */
const bytes = bench
  .lines()
  .filter((line) => line.includes('"e":"created"'))
  .slice(0, n)
let fd = openSync(join(folder, 'bare-0'), 'a')
let files = 1
/** A new file for each round, as for the journal. */
const anotherFile = () => {
  closeSync(fd)
  fd = openSync(join(folder, `bare-${files++}`), 'a')
}

await compare({
  name: 'track',
  question: `${n} × track(), each on disk when it returns, beside a bare writeSync of the same bytes`,
  settings: { bytesPerLine: Math.round(bytes.join('').length / bytes.length) },
  arms: [
    {
      name: 'writeSync',
      before: anotherFile,
      run: () => {
        for (const line of bytes) writeSync(fd, line)
      },
    },
    { name: 'track()', before: anew, run: trackAll },
  ],
  limits: [{ arm: 'track()', than: 'writeSync', kind: 'atMost', value: 4 }],
})
closeSync(fd)
await bench[Symbol.asyncDispose]()
