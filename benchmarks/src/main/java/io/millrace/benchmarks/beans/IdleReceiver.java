// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.beans;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;

/**
 * A hundred sessions, for which nothing comes. Only Millrace's adapter knows {@code minSession}: it would have one session
 * here; Artemis' has as many as it may.
 */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Queue"),
            @ActivationConfigProperty(propertyName = "destinationLookup", propertyValue = "java:/jms/idle"),
            @ActivationConfigProperty(propertyName = "minSession", propertyValue = "100"),
            @ActivationConfigProperty(propertyName = "maxSession", propertyValue = "100")
        })
public class IdleReceiver implements MessageListener {
    @Override
    public void onMessage(Message message) {
        Progress.onMessage();
    }
}
