import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.transport.HttpServletStreamableServerTransportProvider;
import io.modelcontextprotocol.server.transport.StdioServerTransportProvider;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.apache.catalina.startup.Tomcat;

/** An MCP server on the official Java SDK: one tool `echo`, over stdio, or over Streamable HTTP with the argument `http`. */
public class EchoServer {
  private static final Tool ECHO =
      Tool.builder("echo", Map.of("type", "object", "properties", Map.of("message", Map.of("type", "string")), "required", List.of("message")))
          .description("Echoes the message")
          .build();

  public static void main(String[] arguments) throws Exception {
    boolean http = arguments.length > 0 && arguments[0].equals("http");
    var capabilities = ServerCapabilities.builder().tools(false).build();
    if (http) {
      var servlet = HttpServletStreamableServerTransportProvider.builder().mcpEndpoint("/mcp").build();
      McpServer.sync(servlet).serverInfo("echo-java", "1").capabilities(capabilities)
          .toolCall(ECHO, (exchange, request) -> echo(request.arguments())).build();
      serve(servlet);
    } else {
      McpServer.sync(new StdioServerTransportProvider(McpJsonDefaults.getMapper())).serverInfo("echo-java", "1").capabilities(capabilities)
          .toolCall(ECHO, (exchange, request) -> echo(request.arguments())).build();
    }
  }

  private static CallToolResult echo(Map<String, Object> arguments) {
    return CallToolResult.builder().addTextContent("Echo: " + arguments.get("message")).build();
  }

  private static void serve(jakarta.servlet.Servlet servlet) throws Exception {
    var tomcat = new Tomcat();
    tomcat.setBaseDir(Files.createTempDirectory("echo-java").toString());
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    var context = tomcat.addContext("", null);
    var wrapper = Tomcat.addServlet(context, "mcp", servlet);
    wrapper.setAsyncSupported(true);
    context.addServletMappingDecoded("/*", "mcp");
    tomcat.start();
    System.err.println("{\"port\":" + tomcat.getConnector().getLocalPort() + "}");
    tomcat.getServer().await();
  }
}
