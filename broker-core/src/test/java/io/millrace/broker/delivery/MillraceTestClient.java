// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.protocol.jms.BodyType;
import io.millrace.protocol.jms.JmsRecord;
import io.millrace.protocol.jms.JmsRecordCodec;
import io.millrace.protocol.jms.OutgoingRecord;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledge;
import io.millrace.protocol.message.Acknowledgement;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.Connect;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.MillraceApi;
import io.millrace.protocol.message.MillraceCodec;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import io.millrace.protocol.message.OpenDestination;
import io.millrace.protocol.message.Pull;
import io.millrace.protocol.message.Status;
import io.millrace.protocol.message.Subscribe;
import io.millrace.protocol.message.SubscriptionKind;
import io.millrace.protocol.record.BatchBuilder;
import io.millrace.protocol.record.RecordReader;
import io.millrace.protocol.record.RecordView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A blocking client of Millrace's own requests over a plain socket, for tests. Safe for any thread. */
public final class MillraceTestClient implements AutoCloseable {
    private static final int PATIENCE_S = 20;

    private final Socket socket;
    private final Map<Integer, Pending> pending = new ConcurrentHashMap<>();
    private final AtomicInteger correlation = new AtomicInteger();

    private record Pending(MillraceApi api, CompletableFuture<MillraceResponse> answer) {}

    /** One record as a consumer got it. */
    public record Message(
            String text, int partition, long offset, long lease, int deliveryCount, boolean redelivered) {}

    public MillraceTestClient(int port) {
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread reader = new Thread(this::readAnswers, "test-client-reader");
        reader.setDaemon(true);
        reader.start();
    }

    /** A client that has connected as a JMS link. */
    public static MillraceTestClient connected(int port) {
        return connected(port, UUID.randomUUID());
    }

    public static MillraceTestClient connected(int port, UUID incarnation) {
        return connected(port, incarnation, null);
    }

    public static MillraceTestClient connected(int port, UUID incarnation, @Nullable String clientId) {
        MillraceTestClient client = new MillraceTestClient(port);
        client.ok(new Connect(incarnation, clientId, 30_000));
        return client;
    }

    public CompletableFuture<MillraceResponse> send(MillraceRequest request) {
        int id = correlation.incrementAndGet();
        CompletableFuture<MillraceResponse> answer = new CompletableFuture<>();
        pending.put(id, new Pending(request.api(), answer));
        ByteBuf frame = MillraceCodec.encodeRequest(UnpooledByteBufAllocator.DEFAULT, id, "test", request);
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        frame.release();
        try {
            synchronized (socket) {
                socket.getOutputStream().write(bytes);
            }
        } catch (IOException e) {
            answer.completeExceptionally(e);
        }
        return answer;
    }

    /** Sends and waits for the answer, whatever it says. */
    public MillraceResponse call(MillraceRequest request) {
        return await(send(request));
    }

    /** Sends and waits for an answer that must be OK. */
    public MillraceResponse ok(MillraceRequest request) {
        MillraceResponse response = call(request);
        if (!response.status().isOk()) {
            throw new AssertionError(request + " was answered with " + response.status());
        }
        return response;
    }

    public Status status(MillraceRequest request) {
        return call(request).status();
    }

    public static <T> T await(CompletableFuture<T> answer) {
        return answer.orTimeout(PATIENCE_S, TimeUnit.SECONDS).join();
    }

    public void openQueue(String name) {
        ok(new OpenDestination(name, DestinationKind.QUEUE));
    }

    public void openTopic(String name) {
        ok(new OpenDestination(name, DestinationKind.TOPIC));
    }

    public void subscribe(long session, long consumer, SubscriptionKind kind, String destination) {
        ok(new Subscribe(session, consumer, kind, "", destination, List.of(0), null, false, Subscribe.AT_DEFAULT));
    }

    /** Opens a consumer of a queue with a selector. */
    public void subscribe(long session, long consumer, String queue, String selector) {
        ok(new Subscribe(
                session,
                consumer,
                SubscriptionKind.QUEUE,
                "",
                queue,
                List.of(0),
                selector,
                false,
                Subscribe.AT_DEFAULT));
    }

    /** Sends messages as one bundle to partition 0. */
    public void send(String destination, JmsRecord... messages) {
        ok(new Commit(0, UUID.randomUUID(), List.of(batch(destination, 0, messages)), List.of()));
    }

    public static Commit.Send batch(String destination, int partition, JmsRecord... messages) {
        try (BatchBuilder builder = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT)) {
            for (JmsRecord message : messages) {
                OutgoingRecord record = JmsRecordCodec.encode(message);
                builder.add(record.timestampMs(), record.key(), record.value(), record.headers());
            }
            return new Commit.Send(destination, partition, builder.build());
        }
    }

    /** Sends texts as one bundle to partition 0. */
    public void sendTexts(String destination, String... texts) {
        ok(new Commit(0, UUID.randomUUID(), List.of(batch(destination, 0, texts)), List.of()));
    }

    public static Commit.Send batch(String destination, int partition, String... texts) {
        try (BatchBuilder builder = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT)) {
            for (String text : texts) {
                builder.add(1_700_000_000_000L, null, text.getBytes(UTF_8), List.of());
            }
            return new Commit.Send(destination, partition, builder.build());
        }
    }

    public CompletableFuture<List<Message>> pullAsync(long consumer, int epoch, int maxMessages, int maxWaitMs) {
        return send(new Pull(consumer, epoch, maxMessages, 1 << 20, maxWaitMs, List.of()))
                .thenApply(MillraceTestClient::messages);
    }

    public List<Message> pull(long consumer, int maxMessages) {
        return await(pullAsync(consumer, 0, maxMessages, 10_000));
    }

    public List<Message> pullNow(long consumer, int maxMessages) {
        return await(pullAsync(consumer, 0, maxMessages, 0));
    }

    public static List<Message> messages(MillraceResponse response) {
        if (!response.status().isOk() || !(response instanceof Pull.Response pulled)) {
            throw new AssertionError("a pull was answered with " + response.status());
        }
        List<Message> messages = new ArrayList<>();
        for (Pull.Run run : pulled.runs()) {
            try (RecordReader reader =
                    RecordReader.ofRun(run.records(), run.baseOffset(), run.baseTimestampMs(), run.count())) {
                while (reader.hasNext()) {
                    RecordView record = reader.next();
                    ByteBuf value = record.value();
                    messages.add(new Message(
                            value == null ? "" : value.toString(UTF_8),
                            run.partition(),
                            record.offset(),
                            run.lease(),
                            run.deliveryCount(),
                            run.redelivered()));
                }
            }
        }
        pulled.release();
        return messages;
    }

    /** Takes what is there and decodes it. */
    public List<JmsRecord> pullMessages(long consumer, int maxMessages) {
        Pull.Response pulled = (Pull.Response) ok(new Pull(consumer, 0, maxMessages, 1 << 20, 10_000, List.of()));
        List<JmsRecord> messages = new ArrayList<>();
        for (Pull.Run run : pulled.runs()) {
            try (RecordReader reader =
                    RecordReader.ofRun(run.records(), run.baseOffset(), run.baseTimestampMs(), run.count())) {
                reader.forEachRemaining(record -> messages.add(JmsRecordCodec.decode(record, BodyType.TEXT)));
            }
        }
        pulled.release();
        return messages;
    }

    public Status acknowledge(long session, long consumer, AckType type, Message... messages) {
        return status(new Acknowledge(session, acks(consumer, type, messages), true));
    }

    public static List<Acknowledgement> acks(long consumer, AckType type, Message... messages) {
        List<Acknowledgement> acks = new ArrayList<>();
        for (Message message : messages) {
            acks.add(new Acknowledgement(
                    consumer, message.partition(), message.offset(), message.offset(), message.lease(), type));
        }
        return acks;
    }

    private void readAnswers() {
        try {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (true) {
                byte[] frame = new byte[in.readInt()];
                in.readFully(frame);
                ByteBuf buffer = Unpooled.wrappedBuffer(frame);
                Pending request = pending.remove(buffer.readInt());
                buffer.readByte();
                if (request != null) {
                    request.answer().complete(MillraceCodec.decodeResponse(request.api(), buffer));
                }
                buffer.release();
            }
        } catch (IOException | RuntimeException ended) {
            pending.values().forEach(request -> request.answer().completeExceptionally(ended));
        }
    }

    /** Cuts the connection without closing anything properly. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
