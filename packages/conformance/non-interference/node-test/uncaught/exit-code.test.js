import { test } from 'node:test'

process.on('exit', (code) => console.log('exit with', code, process.listenerCount('exit')))
test('sets the exit code', () => {
  process.exitCode = 3
})
