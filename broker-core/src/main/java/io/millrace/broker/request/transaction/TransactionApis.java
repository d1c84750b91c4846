// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.transaction;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.request.KafkaApis;
import io.millrace.broker.time.BrokerClock;
import io.millrace.broker.transaction.TransactionCoordinator;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeTransactionsRequestData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Registers the handlers of the transaction APIs. */
public final class TransactionApis {
    private TransactionApis() {}

    public static KafkaApis.Builder register(
            KafkaApis.Builder apis,
            TransactionCoordinator transactions,
            Cluster cluster,
            Partitions partitions,
            BrokerClock clock) {
        return apis.on(
                        ApiKeys.ADD_PARTITIONS_TO_TXN,
                        AddPartitionsToTxnRequestData.class,
                        new AddPartitionsToTxnHandler(transactions, cluster))
                .on(
                        ApiKeys.ADD_OFFSETS_TO_TXN,
                        AddOffsetsToTxnRequestData.class,
                        new AddOffsetsToTxnHandler(transactions))
                .on(ApiKeys.END_TXN, EndTxnRequestData.class, new EndTxnHandler(transactions))
                .on(
                        ApiKeys.WRITE_TXN_MARKERS,
                        WriteTxnMarkersRequestData.class,
                        new WriteTxnMarkersHandler(transactions, cluster))
                .on(
                        ApiKeys.DESCRIBE_PRODUCERS,
                        DescribeProducersRequestData.class,
                        new DescribeProducersHandler(partitions))
                .on(
                        ApiKeys.DESCRIBE_TRANSACTIONS,
                        DescribeTransactionsRequestData.class,
                        new DescribeTransactionsHandler(transactions))
                .on(
                        ApiKeys.LIST_TRANSACTIONS,
                        ListTransactionsRequestData.class,
                        new ListTransactionsHandler(transactions, clock));
    }
}
