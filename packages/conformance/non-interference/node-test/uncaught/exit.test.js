import { test } from 'node:test'

process.on('exit', (code) => console.log('exit with', code))
test('ends the process', () => process.exit(5))
