// Echo and job over AMQP 1.0. Build: g++ -o service service.cpp -lqpid-proton-cpp
// Usage: service HOST PORT USER PASSWORD QUEUE
#include <iostream>
#include <map>
#include <proton/connection.hpp>
#include <proton/connection_options.hpp>
#include <proton/container.hpp>
#include <proton/message.hpp>
#include <proton/messaging_handler.hpp>
#include <proton/receiver_options.hpp>
#include <proton/sender.hpp>
#include <proton/source_options.hpp>
#include <proton/types.hpp>
#include <proton/work_queue.hpp>

struct Service : proton::messaging_handler {
  char **args;
  proton::sender sender;
  std::map<std::string, int> jobs;  // the jobs that run: their numbers, by correlation id
  int number = 0;
  explicit Service(char **args) : args(args) {}

  void on_container_start(proton::container &container) override {
    proton::connection_options options;
    options.user(args[3]).password(args[4]).sasl_allowed_mechs("PLAIN");
    options.sasl_allow_insecure_mechs(true);  // without TLS: only for a broker on the same machine
    container.connect(std::string(args[1]) + ":" + args[2], options);
  }

  void on_connection_open(proton::connection &connection) override {
    sender = connection.open_sender("");
    proton::source_options queue;
    queue.capabilities({"queue"});  // without it Artemis takes a new name for a topic
    connection.open_receiver(args[5], proton::receiver_options().source(queue));
  }

  void on_receiver_open(proton::receiver &) override { std::cout << "ready" << std::endl; }

  void on_message(proton::delivery &, proton::message &request) override {
    auto id = to_string(request.correlation_id());
    if (property(request, "cancel") == "true") {
      if (jobs.erase(id)) answer(request, "cancelled", 0, true);
    } else if (property(request, "operation") == "job") {
      jobs[id] = ++number;
      step(request, number, 1, std::stoi(to_string(request.body())));
    } else {
      answer(request, property(request, "runAsUser") + " says " + to_string(request.body()), 1, true);
    }
  }

  static std::string property(const proton::message &request, const std::string &name) {
    return request.properties().exists(name) ? to_string(request.properties().get(name)) : "";
  }

  void step(proton::message request, int job, int step, int steps) {
    auto running = jobs.find(to_string(request.correlation_id()));
    if (running == jobs.end() || running->second != job) return;  // cancelled
    answer(request, "step " + std::to_string(step), step, step == steps);
    auto next = [=] { this->step(request, job, step + 1, steps); };
    if (step < steps) sender.work_queue().schedule(proton::duration(50), next);
  }

  void answer(const proton::message &request, const std::string &text, int sequence, bool done) {
    proton::message answer(text);
    answer.to(request.reply_to());
    answer.correlation_id(request.correlation_id());
    if (sequence > 0) answer.properties().put("sequence", sequence);
    answer.properties().put("done", done ? "true" : "false");
    sender.send(answer);
  }
};

int main(int, char **args) {
  Service service(args);
  proton::container(service).run();
}
