// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import io.millrace.broker.auth.AuthenticationException;
import io.millrace.broker.auth.ClientSession;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.message.SaslHandshakeResponseData;
import org.apache.kafka.common.protocol.Errors;

/** SaslHandshake: picks the mechanism; after version 0 the tokens come bare, after version 1 as SaslAuthenticate. */
final class SaslHandshakeHandler implements KafkaHandler<SaslHandshakeRequestData> {
    @Override
    public CompletionStage<SaslHandshakeResponseData> handle(RequestContext context, SaslHandshakeRequestData request) {
        ClientSession session = context.connection().session();
        SaslHandshakeResponseData response = new SaslHandshakeResponseData().setMechanisms(session.mechanisms());
        try {
            session.handshake(request.mechanism(), context.apiVersion() == 0);
        } catch (AuthenticationException failure) {
            response.setErrorCode(error(failure).code());
        }
        return CompletableFuture.completedFuture(response);
    }

    static Errors error(AuthenticationException failure) {
        return switch (failure.code()) {
            case UNSUPPORTED_MECHANISM -> Errors.UNSUPPORTED_SASL_MECHANISM;
            case ILLEGAL_STATE -> Errors.ILLEGAL_SASL_STATE;
            case FAILED -> Errors.SASL_AUTHENTICATION_FAILED;
        };
    }
}
