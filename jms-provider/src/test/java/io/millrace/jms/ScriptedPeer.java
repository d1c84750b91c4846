// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.jms.JmsRecord;
import io.millrace.protocol.jms.JmsRecordCodec;
import io.millrace.protocol.jms.OutgoingRecord;
import io.millrace.protocol.kafka.DecodedRequest;
import io.millrace.protocol.kafka.RequestDecoder;
import io.millrace.protocol.kafka.RequestHeader;
import io.millrace.protocol.kafka.ResponseEncoder;
import io.millrace.protocol.message.Acknowledge;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.Connect;
import io.millrace.protocol.message.Drain;
import io.millrace.protocol.message.Feature;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import io.millrace.protocol.message.OpenDestination;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.Pull;
import io.millrace.protocol.message.Status;
import io.millrace.protocol.record.BatchBuilder;
import io.millrace.protocol.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * A broker that does what a test says: a real socket, the protocol's codec, no logic. By default it welcomes, opens,
 * subscribes and settles everything, parks pulls and answers drains; a test overrides an answer with {@link #when},
 * waits for a request with {@link #next}, and gives records out with {@link #deliver}.
 */
final class ScriptedPeer implements AutoCloseable {
    private static final long PATIENCE_S = 10;

    private final ServerSocket server;
    private final Map<Class<?>, Function<MillraceRequest, MillraceResponse>> script = new ConcurrentHashMap<>();
    private final Map<Class<?>, BlockingQueue<Object>> received = new ConcurrentHashMap<>();
    private final Map<Long, Parked> parked = new ConcurrentHashMap<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile short produceError;
    private volatile boolean produceUnanswered;
    private volatile boolean silent;
    private volatile Set<Feature> features = EnumSet.of(Feature.LOCAL_TRANSACTIONS);

    private record Parked(Socket socket, RequestHeader header, Pull pull) {}

    ScriptedPeer() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        daemon(this::accept, "peer-accept");
        when(
                Connect.class,
                connect -> new Connect.Response(
                        Status.OK, 0, new UUID(1, 1), connect.heartbeatTimeoutMs(), 1 << 20, features));
        when(
                OpenDestination.class,
                open -> new OpenDestination.Response(
                        Status.OK,
                        List.of(new OpenDestination.PartitionLeader(0, 0, "127.0.0.1", server.getLocalPort()))));
        when(Acknowledge.class, acknowledge -> new Acknowledge.Response(Status.OK, List.of()));
        when(Commit.class, commit -> new Commit.Response(Status.OK, List.of()));
    }

    String url() {
        return "millrace://127.0.0.1:" + server.getLocalPort();
    }

    ScriptedPeer without(Feature feature) {
        EnumSet<Feature> rest = EnumSet.copyOf(features);
        rest.remove(feature);
        features = rest;
        return this;
    }

    ScriptedPeer with(Feature feature) {
        EnumSet<Feature> more = EnumSet.copyOf(features);
        more.add(feature);
        features = more;
        return this;
    }

    /** From now on nothing is answered. */
    void fallSilent() {
        silent = true;
    }

    void withholdProduceAnswers(boolean withhold) {
        produceUnanswered = withhold;
    }

    void refuseProduce(short kafkaError) {
        produceError = kafkaError;
    }

    /** Scripts the answer to a request; {@code null} for none. */
    @SuppressWarnings("unchecked")
    <T extends MillraceRequest> void when(Class<T> type, Function<T, MillraceResponse> answer) {
        script.put(type, request -> answer.apply((T) request));
    }

    /** The next request of a type that has not been asked for. */
    <T> T next(Class<T> type) throws InterruptedException {
        Object request = queue(type).poll(PATIENCE_S, TimeUnit.SECONDS);
        if (request == null) {
            throw new AssertionError("no " + type.getSimpleName() + " within " + PATIENCE_S + " s");
        }
        return type.cast(request);
    }

    /** How many requests of a type wait to be asked for. */
    int waiting(Class<?> type) {
        return queue(type).size();
    }

    private BlockingQueue<Object> queue(Class<?> type) {
        return received.computeIfAbsent(type, key -> new LinkedBlockingQueue<>());
    }

    /** Waits for a parked pull and answers it with these texts, one run from the offset. */
    void deliver(long lease, int deliveryCount, long offset, String... texts) throws InterruptedException {
        JmsRecord[] records = new JmsRecord[texts.length];
        for (int i = 0; i < texts.length; i++) {
            records[i] = JmsRecord.builder()
                    .body(
                            io.millrace.protocol.jms.BodyType.TEXT,
                            texts[i].getBytes(java.nio.charset.StandardCharsets.UTF_8))
                    .timestampMs(1_000)
                    .build();
        }
        deliver(next(Pull.class), lease, deliveryCount, offset, records);
    }

    void deliver(Pull pull, long lease, int deliveryCount, long offset, JmsRecord... records) {
        Parked at = parked.remove(pull.consumerId());
        if (at == null) {
            throw new AssertionError("the pull is not parked any more");
        }
        BatchBuilder builder = new BatchBuilder(ByteBufAllocator.DEFAULT);
        for (JmsRecord record : records) {
            OutgoingRecord out = JmsRecordCodec.encode(record);
            builder.add(out.timestampMs(), out.key(), out.value(), out.headers());
        }
        ByteBuf batch = builder.build();
        long baseTimestamp = BatchHeader.baseTimestamp(batch, 0);
        batch.skipBytes(BatchHeader.SIZE);
        Pull.Run run =
                new Pull.Run(0, lease, deliveryCount, deliveryCount > 0, offset, baseTimestamp, records.length, batch);
        answer(at.socket, at.header, new Pull.Response(Status.OK, pull.sessionEpoch(), List.of(run)));
    }

    void cutConnections() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    // ---- the socket

    private static void daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (!server.isClosed()) {
                Socket socket = server.accept();
                sockets.add(socket);
                daemon(() -> serve(socket), "peer-serve");
            }
        } catch (SocketException e) {
            // Closed: the test is over.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve(Socket socket) {
        try (DataInputStream in = new DataInputStream(socket.getInputStream())) {
            while (true) {
                byte[] frame = new byte[in.readInt()];
                in.readFully(frame);
                onRequest(socket, RequestDecoder.decode(Unpooled.wrappedBuffer(frame)));
            }
        } catch (EOFException | SocketException e) {
            sockets.remove(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void onRequest(Socket socket, DecodedRequest request) {
        if (request instanceof DecodedRequest.PrivateRequest own) {
            onPrivate(socket, own.header(), own.body());
        } else if (request instanceof DecodedRequest.KafkaRequest kafka) {
            onKafka(socket, kafka);
        }
    }

    private void onPrivate(Socket socket, RequestHeader header, MillraceRequest request) {
        if (silent) {
            return;
        }
        if (request instanceof Pull pull && !script.containsKey(Pull.class)) {
            parked.put(pull.consumerId(), new Parked(socket, header, pull));
            queue(Pull.class).add(pull);
            return;
        }
        if (request instanceof Drain drain) {
            Parked at = parked.remove(drain.consumerId());
            if (at != null) {
                queue(Pull.class).remove(at.pull);
                answer(at.socket, at.header, new Pull.Response(Status.OK, at.pull.sessionEpoch(), List.of()));
            }
        }
        MillraceResponse response = script.containsKey(request.getClass())
                ? script.get(request.getClass()).apply(request)
                : PlainResponse.OK;
        queue(request.getClass()).add(request);
        if (response != null) {
            answer(socket, header, response);
        }
    }

    private void onKafka(Socket socket, DecodedRequest.KafkaRequest kafka) {
        ApiMessage response;
        if (kafka.body() instanceof ProduceRequestData produce) {
            ProduceResponseData answer = new ProduceResponseData();
            for (ProduceRequestData.TopicProduceData topic : produce.topicData()) {
                answer.responses()
                        .add(new ProduceResponseData.TopicProduceResponse()
                                .setName(topic.name())
                                .setPartitionResponses(List.of(new ProduceResponseData.PartitionProduceResponse()
                                        .setIndex(0)
                                        .setErrorCode(produceError)
                                        .setBaseOffset(0))));
            }
            response = answer;
        } else if (kafka.body() instanceof DescribeClusterRequestData) {
            response = new DescribeClusterResponseData()
                    .setBrokers(new DescribeClusterResponseData.DescribeClusterBrokerCollection(
                            List.of(new DescribeClusterResponseData.DescribeClusterBroker()
                                            .setBrokerId(0)
                                            .setHost("127.0.0.1")
                                            .setPort(server.getLocalPort()))
                                    .iterator()));
        } else {
            response = new InitProducerIdResponseData().setProducerId(7).setProducerEpoch((short) 0);
        }
        queue(kafka.body().getClass()).add(kafka.body());
        boolean withheld = produceUnanswered && kafka.body() instanceof ProduceRequestData;
        if (!silent && !withheld) {
            write(socket, ResponseEncoder.encode(ByteBufAllocator.DEFAULT, kafka.header(), response));
        }
    }

    private void answer(Socket socket, RequestHeader header, MillraceResponse response) {
        write(socket, ResponseEncoder.encode(ByteBufAllocator.DEFAULT, header, response));
    }

    private static void write(Socket socket, ByteBuf frame) {
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        frame.release();
        synchronized (socket) {
            try {
                socket.getOutputStream().write(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        cutConnections();
    }
}
