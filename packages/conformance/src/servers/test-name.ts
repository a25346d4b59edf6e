import { randomBytes } from 'node:crypto'

/** A unique name: `test_4f1b22a0c913`. */
export function testName(): string {
  return `test_${randomBytes(6).toString('hex')}`
}
