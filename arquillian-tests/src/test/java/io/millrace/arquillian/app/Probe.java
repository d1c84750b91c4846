// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian.app;

import jakarta.ejb.EJB;
import jakarta.ejb.EJBException;
import jakarta.jms.JMSException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** The tests' hand inside the server: {@code ?do=<action>&text=<text>}. */
@WebServlet("/probe")
public class Probe extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final long RECEIVE_MS = 5_000;

    @EJB
    private Sender sender;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            response.getWriter().print(act(request.getParameter("do"), request.getParameter("text")));
        } catch (JMSException | EJBException e) {
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE, String.valueOf(e.getMessage()));
        }
    }

    private String act(String action, String text) throws JMSException {
        switch (action) {
            case "connection" -> sender.withConnection(text);
            case "context" -> sender.withContext(text);
            case "plain" -> sender.withoutTransaction(text);
            case "rolledBack" -> sender.rolledBack(text);
            case "both" -> sender.withBoth(text);
            case "bothRolledBack" -> sender.withBothRolledBack(text);
            case "unenlistedRolledBack" -> {
                return sender.unenlistedRolledBack(text);
            }
            case "unenlistedContextBesideRolledBack" -> sender.unenlistedContextBesideRolledBack(text);
            case "bothTooLate" -> sender.withBothTooLate(text);
            case "publish" -> sender.publish(text);
            case "roundTrip" -> {
                sender.sendTo("round-trip", text);
                return sender.receive("round-trip", RECEIVE_MS);
            }
            case "setListener" -> {
                return sender.setListener();
            }
            case "seen" -> {
                return String.join(",", Seen.of(text));
            }
            default -> throw new IllegalArgumentException(action);
        }
        return "done";
    }
}
