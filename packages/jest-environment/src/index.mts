/** A Jest environment with tracking: Node's by default, any other with `wrapEnvironment`. */
import { requireOfJest } from './running-jest.ts'
import { wrapEnvironment } from './wrap-environment.ts'

export { wrapEnvironment } from './wrap-environment.ts'
export default wrapEnvironment((requireOfJest('jest-environment-node') as { default: unknown }).default)
