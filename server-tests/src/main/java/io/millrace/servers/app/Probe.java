// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers.app;

import jakarta.ejb.EJB;
import jakarta.ejb.EJBException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** The tests' hand inside the server: {@code ?do=<action>&to=<queue>&text=<text>}. */
@WebServlet("/probe")
public class Probe extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @EJB
    private Sender sender;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String queue = String.valueOf(request.getParameter("to"));
        String text = String.valueOf(request.getParameter("text"));
        try {
            response.getWriter().print(act(String.valueOf(request.getParameter("do")), queue, text));
        } catch (JMSException | JMSRuntimeException | EJBException e) {
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE, String.valueOf(e));
        }
    }

    private String act(String action, String queue, String text) throws JMSException {
        switch (action) {
            case "injected" -> {
                return sender.injected();
            }
            case "connection" -> sender.withConnection(queue, text);
            case "context" -> sender.withContext(queue, text);
            case "plain" -> sender.withoutTransaction(queue, text);
            case "connectionRolledBack" -> sender.withConnectionRolledBack(queue, text);
            case "contextRolledBack" -> sender.withContextRolledBack(queue, text);
            case "stalled" -> sender.stalledAfterDecision(queue, text);
            case "seen" -> {
                return String.join(",", Seen.of(text));
            }
            default -> throw new IllegalArgumentException("no such action: " + action);
        }
        return "done";
    }
}
