export { type JestConfig, withDustpan } from './with-dustpan.ts'
