/** Dustpan's driver for Kafka: reports the messages that tests send, and removes topics and groups. */
export { capture } from './capture.ts'
export { createDriver } from './driver.ts'
export type { HeaderNames, KafkaOptions, SaslOptions, SslOptions } from './options.ts'
export { kafka } from './options.ts'
export { topicName } from './topic-name.ts'
