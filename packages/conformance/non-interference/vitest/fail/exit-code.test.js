import { test } from 'vitest'

test('sets the exit code', () => {
  process.exitCode = 3
})
