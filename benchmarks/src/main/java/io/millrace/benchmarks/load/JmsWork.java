// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.peer.JmsClients;
import io.millrace.benchmarks.peer.Peer;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What all JMS loads do, through {@code jakarta.jms} alone: messages of 1 KiB, persistent. Safe for any thread. */
final class JmsWork {
    static final int BODY_BYTES = 1024;
    static final int COMMIT = 100;
    private static final int FILL_COMMIT = 500;
    private static final int FILLERS = 4;
    private static final int IN_FLIGHT = 1_000;
    private static final long PATIENCE_MS = 60_000;

    private final ConnectionFactory factory;

    JmsWork(Peer peer) throws JMSException {
        this.factory = JmsClients.factory(peer);
    }

    /** One client's work on a thread of its own. */
    @FunctionalInterface
    interface Worker {
        /** @param going false when it shall end */
        void run(BooleanSupplier going) throws Exception;
    }

    JMSContext context(int mode) {
        return factory.createContext(mode);
    }

    static BytesMessage message(JMSContext context) throws JMSException {
        BytesMessage message = context.createBytesMessage();
        message.writeBytes(Clients.payload(BODY_BYTES));
        return message;
    }

    /** What {@code done} counts for each second, once the ramp is over and for the window, while all workers run. */
    static double rate(Scale scale, LongAdder done, List<Worker> workers) {
        try (Crew crew = new Crew(workers)) {
            crew.check(scale.ramp());
            long before = done.sum();
            long begin = System.nanoTime();
            crew.check(scale.window());
            return (done.sum() - before) / ((System.nanoTime() - begin) / 1e9);
        }
    }

    /** One send after the other. */
    Worker sender(String queue, LongAdder sent) {
        return going -> {
            try (JMSContext context = context(JMSContext.AUTO_ACKNOWLEDGE)) {
                JMSProducer producer = context.createProducer();
                BytesMessage message = message(context);
                var destination = context.createQueue(queue);
                while (going.getAsBoolean()) {
                    producer.send(destination, message);
                    sent.increment();
                }
            }
        };
    }

    /** Sends without waiting, up to 1,000 unanswered; counts what was answered. */
    Worker asynchronousSender(boolean topic, String name, LongAdder sent) {
        return going -> {
            try (JMSContext context = context(JMSContext.AUTO_ACKNOWLEDGE)) {
                Semaphore credit = new Semaphore(IN_FLIGHT);
                AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
                JMSProducer producer = context.createProducer().setAsync(new CompletionListener() {
                    @Override
                    public void onCompletion(Message message) {
                        sent.increment();
                        credit.release();
                    }

                    @Override
                    public void onException(Message message, Exception exception) {
                        failure.compareAndSet(null, exception);
                        credit.release();
                    }
                });
                var destination = topic ? context.createTopic(name) : context.createQueue(name);
                while (going.getAsBoolean() && failure.get() == null) {
                    if (credit.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                        // A message that is being sent belongs to the provider (Jakarta Messaging 3.1, section 7.3.9).
                        producer.send(destination, message(context));
                    }
                }
                if (!credit.tryAcquire(IN_FLIGHT, PATIENCE_MS, TimeUnit.MILLISECONDS)) {
                    throw new BenchmarkException("Asynchronous sends were not answered within a minute");
                }
                Exception problem = failure.get();
                if (problem != null) {
                    throw problem;
                }
            }
        };
    }

    /** @param commit so many sends, then a commit */
    Worker transactedSender(String queue, int commit, LongAdder sent) {
        return going -> {
            try (JMSContext context = context(JMSContext.SESSION_TRANSACTED)) {
                JMSProducer producer = context.createProducer();
                BytesMessage message = message(context);
                var destination = context.createQueue(queue);
                while (going.getAsBoolean()) {
                    for (int i = 0; i < commit; i++) {
                        producer.send(destination, message);
                    }
                    context.commit();
                    sent.add(commit);
                }
            }
        };
    }

    /** Changes a message before it is sent. */
    @FunctionalInterface
    interface Touch {
        void apply(JMSProducer producer, BytesMessage message, long index) throws JMSException;
    }

    /** Puts {@code count} messages into a queue as fast as that goes, in order of their index per filler. */
    void fill(String queue, long count, int fillers, Touch touch) {
        List<Worker> workers = new ArrayList<>();
        for (int filler = 0; filler < fillers; filler++) {
            long first = filler;
            workers.add(going -> {
                try (JMSContext context = context(JMSContext.SESSION_TRANSACTED)) {
                    JMSProducer producer = context.createProducer();
                    BytesMessage message = message(context);
                    var destination = context.createQueue(queue);
                    int open = 0;
                    for (long i = first; i < count && going.getAsBoolean(); i += fillers) {
                        touch.apply(producer, message, i);
                        producer.send(destination, message);
                        if (++open == FILL_COMMIT) {
                            context.commit();
                            open = 0;
                        }
                    }
                    context.commit();
                }
            });
        }
        try (Crew crew = new Crew(workers)) {
            crew.await();
        }
    }

    void fill(String queue, long count) {
        fill(queue, count, FILLERS, (producer, message, index) -> {});
    }

    /** Seconds until {@code count} messages are out of a queue, by {@code consumers} listeners. */
    double drain(String queue, long count, int consumers) {
        return drain(count, consumers, received -> listener(queue, received));
    }

    /** Makes the worker that counts what it receives. */
    @FunctionalInterface
    interface Receiving {
        Worker worker(LongAdder received);
    }

    /** Seconds until {@code consumers} workers have received {@code count} messages together. */
    static double drain(long count, int consumers, Receiving receiving) {
        LongAdder received = new LongAdder();
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < consumers; i++) {
            workers.add(receiving.worker(received));
        }
        long begin = System.nanoTime();
        try (Crew crew = new Crew(workers)) {
            long last = 0;
            long lastNanos = begin;
            while (received.sum() < count) {
                crew.check(Duration.ofMillis(1));
                if (received.sum() != last) {
                    last = received.sum();
                    lastNanos = System.nanoTime();
                } else if (System.nanoTime() - lastNanos > TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS)) {
                    throw new BenchmarkException("Only %d of %d messages came".formatted(last, count));
                }
            }
            return (System.nanoTime() - begin) / 1e9;
        }
    }

    /** Receives synchronously, acknowledged one by one. */
    Worker receiver(String queue, LongAdder received) {
        return going -> {
            try (JMSContext context = context(JMSContext.AUTO_ACKNOWLEDGE)) {
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue));
                while (going.getAsBoolean()) {
                    if (consumer.receive(100) != null) {
                        received.increment();
                    }
                }
            }
        };
    }

    Worker listener(String queue, LongAdder received) {
        return going -> {
            try (JMSContext context = context(JMSContext.AUTO_ACKNOWLEDGE)) {
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue));
                consumer.setMessageListener(message -> received.increment());
                awaitEnd(going);
            }
        };
    }

    /** Receives synchronously, one commit for 100. */
    Worker transactedReceiver(String queue, LongAdder received) {
        return going -> {
            try (JMSContext context = context(JMSContext.SESSION_TRANSACTED)) {
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue));
                int open = 0;
                while (going.getAsBoolean()) {
                    Message message = consumer.receive(100);
                    open += message == null ? 0 : 1;
                    if (open == COMMIT || (message == null && open > 0)) {
                        context.commit();
                        received.add(open);
                        open = 0;
                    }
                }
                context.commit();
            }
        };
    }

    /** Receives a message, sends it on and commits both. */
    Worker forwarder(String from, String to, LongAdder forwarded) {
        return going -> {
            try (JMSContext context = context(JMSContext.SESSION_TRANSACTED)) {
                JMSConsumer consumer = context.createConsumer(context.createQueue(from));
                JMSProducer producer = context.createProducer();
                var target = context.createQueue(to);
                while (going.getAsBoolean()) {
                    Message message = consumer.receive(100);
                    if (message != null) {
                        producer.send(target, message);
                        context.commit();
                        forwarded.increment();
                    }
                }
            }
        };
    }

    static void awaitEnd(BooleanSupplier going) {
        while (going.getAsBoolean()) {
            Pause.of(Duration.ofMillis(5));
        }
    }

    /** Threads that run until they are told to end. For one thread. */
    static final class Crew implements AutoCloseable {
        private volatile boolean going = true;
        private final List<FutureTask<Void>> tasks = new ArrayList<>();

        Crew(List<Worker> workers) {
            for (Worker worker : workers) {
                FutureTask<Void> task = new FutureTask<>(() -> {
                    worker.run(() -> going);
                    return null;
                });
                tasks.add(task);
                Thread thread = new Thread(task, "jms-worker");
                thread.setDaemon(true);
                thread.start();
            }
        }

        /** Lets them run for {@code time}; throws what one of them threw. */
        void check(Duration time) {
            Pause.of(time);
            for (FutureTask<Void> task : tasks) {
                if (task.isDone()) {
                    join(task);
                }
            }
        }

        /** Until all have ended by themselves. */
        void await() {
            tasks.forEach(Crew::join);
        }

        @Override
        public void close() {
            going = false;
            tasks.forEach(Crew::join);
        }

        private static void join(FutureTask<Void> task) {
            try {
                task.get(PATIENCE_MS * 60, TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                throw new BenchmarkException("A JMS client failed: " + e.getCause(), e.getCause());
            } catch (TimeoutException e) {
                throw new BenchmarkException("A JMS client did not end within an hour", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BenchmarkException("Interrupted", e);
            }
        }
    }
}
