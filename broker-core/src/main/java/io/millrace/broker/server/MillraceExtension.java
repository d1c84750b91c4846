// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A JUnit 5 extension that runs an {@link EmbeddedBroker}: one for all tests of the class when registered in a static
 * field or with {@code @ExtendWith}, one for each test when registered in an instance field. Tests take it as a
 * parameter or from {@link #broker()}.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final MillraceExtension MILLRACE = new MillraceExtension().set("num.partitions", "3");
 *
 * @Test
 * void sends(EmbeddedBroker broker) { ... }
 * }</pre>
 */
public final class MillraceExtension
        implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private final EmbeddedBroker.Builder builder = EmbeddedBroker.builder();
    private @Nullable EmbeddedBroker broker;
    private boolean ofOneTest;

    /** Sets a key of {@code docs/configuration.md}. */
    public MillraceExtension set(String key, String value) {
        builder.set(key, value);
        return this;
    }

    /** The running broker. */
    public EmbeddedBroker broker() {
        EmbeddedBroker running = broker;
        if (running == null) {
            throw new IllegalStateException("No broker runs outside of the tests: is the extension registered?");
        }
        return running;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        if (broker == null) {
            broker = builder.start();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        // A nested test class shares the broker of the class around it.
        if (!isNested(context)) {
            stop();
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        if (broker == null) {
            ofOneTest = true;
            broker = builder.start();
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (ofOneTest) {
            ofOneTest = false;
            stop();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == EmbeddedBroker.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return broker();
    }

    private static boolean isNested(ExtensionContext context) {
        return context.getParent().flatMap(ExtensionContext::getTestClass).isPresent();
    }

    private void stop() {
        EmbeddedBroker running = broker;
        broker = null;
        if (running != null) {
            running.close();
        }
    }
}
