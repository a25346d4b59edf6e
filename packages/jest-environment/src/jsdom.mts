/** Dustpan with jest-environment-jsdom. */
import { requireOfJest } from './running-jest.ts'
import { wrapEnvironment } from './wrap-environment.ts'

export default wrapEnvironment((requireOfJest('jest-environment-jsdom') as { default: unknown }).default)
