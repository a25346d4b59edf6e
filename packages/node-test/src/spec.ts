/**
 * Node's spec reporter, followed by the report of the run.
 *
 * @example node --import @dustpan/node-test --test --test-reporter=@dustpan/node-test/spec
 */
import { spec as Spec } from 'node:test/reporters'
import { followRuns, type TestEvent } from './follow-runs.ts'

const runs = await followRuns()
// A stream, like Node's own: a generator would be a few turns of the event loop late when Node exits on Ctrl-C.
const spec = new Spec()
const { _transform, _flush } = spec

spec._transform = function (event: TestEvent, encoding, done) {
  _transform.call(this, event, encoding, (error, text) => {
    const ended = runs.follow(event)
    if (ended === undefined) return done(error, text)
    this.push(text)
    void ended.then((report) => done(error, report))
  })
}

spec._flush = function (done) {
  _flush.call(this, (error, text) => {
    this.push(text)
    void runs.end().then((report) => done(error, report))
  })
}

export default spec
