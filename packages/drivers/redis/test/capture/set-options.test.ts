/** The effect of SET with conditions of Redis 8.4, which is not installed here, derived from its reply. */
import { describe, expect, test } from 'vitest'
import { effectOf, observe } from '../../src/capture/observed-command.ts'
import { ruleFor } from '../../src/commands.ts'
import type { Rule } from '../../src/rule.ts'

const effect = (options: readonly string[], reply: unknown, existed: boolean) => {
  const args = ['k', 'v', ...options]
  const { created, gone, there, wrote } = effectOf(
    observe('set', ruleFor('set', args) as Rule, args),
    reply,
    () => existed,
  )
  return {
    is: created.length > 0 ? 'created' : gone.length > 0 ? 'absent' : there.length > 0 ? 'there' : 'untold',
    wrote,
  }
}

describe('SET k v …', () => {
  test.each([
    ['IFNE x', 'OK', false, 'created', true],
    ['IFNE x', 'OK', true, 'there', true],
    ['IFNE x', null, true, 'there', false],
    ['IFNE x GET', null, false, 'created', true],
    ['IFNE x GET', 'x', true, 'there', false],
    ['IFNE x GET', 'y', true, 'there', true],
    ['IFDNE 1a', 'OK', false, 'created', true],
    ['IFDNE 1a', null, true, 'there', false],
    ['IFDNE 1a GET', null, false, 'created', true],
    ['IFDEQ 1a', null, false, 'untold', false],
    ['IFDEQ 1a', 'OK', true, 'there', true],
    ['IFDEQ 1a GET', null, false, 'absent', false],
    ['IFEQ GET', 'OK', true, 'there', true],
    ['IFEQ GET', null, false, 'untold', false],
    ['IFEQ x GET', 'x', true, 'there', true],
    ['IFEQ x GET', 'y', true, 'there', false],
    ['IFNEW 1 EX 9', null, false, 'untold', false],
    ['IFNEW GET', null, false, 'untold', true],
  ] as const)('%s with reply %s, where the key existed: %s, gives: %s', (options, reply, existed, is, wrote) => {
    expect(effect(options.split(' '), reply, existed)).toEqual({ is, wrote })
  })
})
