// @vitest-environment ./support/environment.js
import { expect, test } from 'vitest'

test('is the custom one', () => expect(fromEnvironment).toBe('{}'))
