import { expect, test } from 'vitest'
import { renderJunit } from '../../src/report/junit.ts'
import { reportOf } from './reports.ts'

test('each file is a suite with what is left as properties, and a failed cleanup fails its test', () => {
  const error = { code: 'DUSTPAN_REMOVAL_FAILED', message: 'it answered 500' }
  const report = reportOf({
    keeps: [{ type: 'user', keys: [7], state: 'kept' }],
    fails: [{ type: 'order', keys: [3], state: 'failed', error }],
    passes: [{ type: 'order', keys: [4], state: 'removed' }],
  })
  const counts = 'tests="3" failures="1" errors="0" skipped="0" time="0.020"'
  const name = 'test/cart.test.ts'
  const failed = `order 3, failed: it answered 500; DELETE /orders/3; ${name} &#62; fails`
  expect(renderJunit(report)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="dustpan" ${counts}>
  <testsuite name="${name}" ${counts} timestamp="2026-11-21T05:12:00">
    <properties>
      <property name="run" value="20261121-051207-k3f9x2"/>
      <property name="runner" value="vitest 5.1.1"/>
      <property name="environment" value="local"/>
      <property name="left" value="user 7, kept: the test failed; DELETE /users/7; ${name} &#62; keeps"/>
      <property name="left" value="${failed}"/>
    </properties>
    <testcase classname="${name}" name="keeps" time="0.000"/>
    <testcase classname="${name}" name="fails" time="0.010">
      <failure message="order 3: it answered 500" type="DUSTPAN_REMOVAL_FAILED">${failed}</failure>
    </testcase>
    <testcase classname="${name}" name="passes" time="0.010"/>
  </testsuite>
</testsuites>
`)
})

test('text from tests is escaped in the XML', () => {
  const report = reportOf({ '<a> & "b"\u0000\ud800\uffff': [{ type: "t'", keys: [']]>'], state: 'kept' }] })
  const xml = renderJunit(report)
  expect(xml).toContain('name="&#60;a&#62; &#38; &#34;b&#34;\\x00\ufffd\ufffd"')
  expect(xml).toContain('value="t&#39; ]]&#62;, kept')
  for (const char of ['\u0000', '\ufffe', '\uffff']) expect(xml).not.toContain(char)
})
