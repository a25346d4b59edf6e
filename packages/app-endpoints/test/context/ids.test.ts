/** Which headers and cookies are accepted as the ids of a test. */
import { expect, test } from 'vitest'
import { readIds } from '../../src/context/ids.ts'

const run = '20261121-051207-k3f9x2'
const ids = { run, scope: 'w1-4' }

test.each<[string, Record<string, string>, object | undefined]>([
  ['no header', {}, undefined],
  ['baggage', { baggage: `test.run_id=${run},test.scope_id=w1-4` }, ids],
  ['baggage among others', { baggage: `a=b;p=1, test.scope_id = w1-4;x=y ,test.run_id=${run};z` }, ids],
  ['a run without a test', { baggage: `test.run_id=${run}` }, { run, scope: '' }],
  ['a test without a run', { baggage: 'test.scope_id=w1-4' }, undefined],
  ['headers', { 'x-test-run-id': run, 'x-test-id': `${run}.w1-4` }, ids],
  ['the run’s header alone', { 'x-test-run-id': run }, { run, scope: '' }],
  ['a test id of another format', { 'x-test-id': 'stagehand_test_1' }, undefined],
  ['headers that contradict each other', { 'x-test-run-id': run, 'x-test-id': 'other.w1-4' }, undefined],
  ['a cookie', { cookie: `session=a.b; dustpan-test=${run}.w1-4; c=d` }, ids],
  ['two cookies', { cookie: `dustpan-test=${run}.w1-4; dustpan-test=${run}.w1-5` }, undefined],
  ['a cookie whose name only ends with dustpan-test', { cookie: `x-dustpan-test=${run}.w1-4` }, undefined],
  [
    'baggage before headers and cookie',
    { baggage: `test.run_id=${run}`, 'x-test-run-id': 'b', cookie: 'dustpan-test=c.d' },
    { run, scope: '' },
  ],
  [
    'an invalid id in baggage, despite a valid cookie',
    { baggage: "test.run_id=a'b", cookie: `dustpan-test=${run}.w1-4` },
    undefined,
  ],
  ['a run twice', { baggage: 'test.run_id=a,test.run_id=b' }, undefined],
  ['an id with quotes', { baggage: `test.run_id=${run},test.scope_id=';drop table users--` }, undefined],
  ['an id with a backslash', { baggage: `test.run_id=${run}\\` }, undefined],
  ['an id with a line break', { cookie: `dustpan-test=${run}.w1\n-4` }, undefined],
  ['a run that is too long', { 'x-test-run-id': 'a'.repeat(51) }, undefined],
  ['a test that is too long', { baggage: `test.run_id=${run},test.scope_id=${'a'.repeat(65)}` }, undefined],
  ['an empty id in baggage', { baggage: 'test.run_id=' }, undefined],
])('readIds() of %s', (_, headers, expected) => {
  expect(readIds((name) => headers[name], 'x-test-')).toEqual(expected)
})

test('readIds() reads headers with the given prefix', () => {
  expect(readIds((name) => ({ 'x-e2e-run-id': run })[name], 'x-e2e-')).toEqual({ run, scope: '' })
})
