// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian.xaapp;

import jakarta.ejb.EJB;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code ?from=<number>&to=<number>}: how many of these are in the ledger, and how often one came
 * though it was there; {@code &committed}: waits for the transactions that are not ended yet.
 */
@WebServlet("/ledger")
public class XaProbe extends HttpServlet {
    static final AtomicInteger DOUBLE = new AtomicInteger();

    private static final long serialVersionUID = 1L;

    @EJB
    private Ledger ledger;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        int from = Integer.parseInt(request.getParameter("from"));
        int to = Integer.parseInt(request.getParameter("to"));
        boolean committed = request.getParameter("committed") != null;
        int rows = committed ? ledger.countCommitted(from, to) : ledger.count(from, to);
        response.getWriter().print(rows + " rows, " + DOUBLE.get() + " double");
    }
}
