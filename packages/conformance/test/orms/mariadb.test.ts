import { ormSuite } from '../../src/orms/suite.ts'
import { ormModules } from './index.ts'

ormSuite('mariadb', ormModules)
