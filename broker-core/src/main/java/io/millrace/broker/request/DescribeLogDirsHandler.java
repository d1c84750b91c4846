// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.record.PartitionId;
import java.io.File;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsTopic;

/** DescribeLogDirs: the one data directory and what each partition of this broker takes of it. */
final class DescribeLogDirsHandler implements KafkaHandler<DescribeLogDirsRequestData> {
    private final Partitions partitions;
    private final File directory;

    DescribeLogDirsHandler(Partitions partitions, Path directory) {
        this.partitions = partitions;
        this.directory = directory.toAbsolutePath().normalize().toFile();
    }

    @Override
    public CompletionStage<DescribeLogDirsResponseData> handle(
            RequestContext context, DescribeLogDirsRequestData request) {
        Map<String, DescribeLogDirsTopic> topics = new TreeMap<>();
        List<Partition> all = partitions.all().stream()
                .filter(partition -> isWanted(request, partition.id()))
                .sorted(Comparator.comparingInt(partition -> partition.id().partition()))
                .toList();
        for (Partition partition : all) {
            PartitionId id = partition.id();
            try {
                DescribeLogDirsPartition described = new DescribeLogDirsPartition()
                        .setPartitionIndex(id.partition())
                        .setPartitionSize(partition.sizeBytes());
                topics.computeIfAbsent(id.topic(), name -> new DescribeLogDirsTopic().setName(name))
                        .partitions()
                        .add(described);
            } catch (BrokerException notServing) {
                // Its log is not open: nothing is known of its size.
            }
        }
        DescribeLogDirsResult result = new DescribeLogDirsResult()
                .setLogDir(directory.getPath())
                .setTotalBytes(known(directory.getTotalSpace()))
                .setUsableBytes(known(directory.getUsableSpace()));
        result.topics().addAll(topics.values());
        DescribeLogDirsResponseData response = new DescribeLogDirsResponseData();
        response.results().add(result);
        return CompletableFuture.completedFuture(response);
    }

    private static boolean isWanted(DescribeLogDirsRequestData request, PartitionId id) {
        if (request.topics() == null) {
            return true;
        }
        DescribableLogDirTopic topic = request.topics().find(id.topic());
        return topic != null && topic.partitions().contains(id.partition());
    }

    /** The JDK says 0 where it does not know. */
    private static long known(long bytes) {
        return bytes == 0 ? -1 : bytes;
    }
}
