// SPDX-License-Identifier: Apache-2.0
// Sends 100 records, reads them in a group that commits. Arguments: host:port, a name for topic and group.
import kafkajs from 'kafkajs'

const { CompressionTypes, Kafka, logLevel } = kafkajs
const [broker, name] = process.argv.slice(2)
const count = 100
const kafka = new Kafka({ clientId: 'interop', brokers: [broker], logLevel: logLevel.ERROR })

const admin = kafka.admin()
await admin.connect()
await admin.createTopics({ topics: [{ topic: name, numPartitions: 2 }], waitForLeaders: true })

const producer = kafka.producer({ idempotent: true })
await producer.connect()
const messages = Array.from({ length: count }, (_, i) => ({ key: `key-${i}`, value: `value-${i}` }))
await producer.send({ topic: name, acks: -1, compression: CompressionTypes.GZIP, messages })
await producer.disconnect()

const consumer = kafka.consumer({ groupId: name })
await consumer.connect()
await consumer.subscribe({ topic: name, fromBeginning: true })
const values = new Set()
await new Promise((resolve, reject) => {
  consumer
    .run({
      autoCommit: false,
      eachMessage: async ({ topic, partition, message }) => {
        values.add(message.value.toString())
        await consumer.commitOffsets([{ topic, partition, offset: (BigInt(message.offset) + 1n).toString() }])
        if (values.size === count) {
          resolve()
        }
      }
    })
    .catch(reject)
})
await consumer.disconnect()

const [{ partitions }] = await admin.fetchOffsets({ groupId: name, topics: [name] })
const committed = partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0)
console.log(`read ${values.size}, committed ${committed}`)
await admin.deleteTopics({ topics: [name] })
await admin.disconnect()
