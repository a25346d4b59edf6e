import { deep } from '../src/failing.js'

deep(1)
it('is never collected', () => {})
