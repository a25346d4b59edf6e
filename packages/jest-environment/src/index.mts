/** Dustpan as the environment of Jest's tests: Node's, or any other by `wrapEnvironment`. */
import { requireOfJest } from './running-jest.ts'
import { wrapEnvironment } from './wrap-environment.ts'

export { wrapEnvironment } from './wrap-environment.ts'
export default wrapEnvironment((requireOfJest('jest-environment-node') as { default: unknown }).default)
