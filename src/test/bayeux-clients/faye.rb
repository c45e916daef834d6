# Ruby faye: connects, sends a request, and follows a topic.
# ruby faye.rb <endpoint> <transport> <user> <password> <topic>
require 'cookiejar'
require 'eventmachine'
require 'faye'
require 'securerandom'

endpoint, transport, user, password, topic = ARGV
$stdout.sync = true

# Debian's cookiejar fails at cookies with SameSite. The bridge needs none from this client.
class CookieJar::Jar
  def set_cookie(_uri, _values); end
end

class BridgeExtension
  attr_reader :bridge

  def initialize(client)
    @client = client
  end

  def incoming(message, callback)
    if message['channel'] == '/meta/handshake' && message['successful']
      @bridge = message['ext']['bridge']
      # A load balancer keeps the session on its bridge by this header.
      @client.set_header('X-Bridge-Id', @bridge['bridgeId'])
    end
    callback.call(message)
  end
end

EM.run do
  client = Faye::Client.new(endpoint)
  client.set_header('Authorization', 'Basic ' + ["#{user}:#{password}"].pack('m0'))
  client.disable('websocket') if transport == 'long-polling'
  extension = BridgeExtension.new(client)
  client.add_extension(extension)
  request = SecureRandom.uuid

  control = lambda do |type, fields|
    client.publish('/anzo/control', { 'type' => type, 'correlationId' => type }.merge(fields))
  end
  send = lambda do |destination, properties, body|
    data = { 'destination' => destination, 'properties' => properties, 'body' => body }
    client.publish('/anzo/bridge', data)
  end
  received = lambda do |data|
    properties = data['properties'] || {}
    if data['correlationId'] == 'connect'
      puts data['status']
      control.call('topicSubscribe', 'topics' => [topic])
    elsif data['correlationId'] == 'topicSubscribe'
      puts "topic #{data['status']}"
      send.call('services/echo', { 'JMSCorrelationID' => request }, 'hello')
    elsif properties['JMSCorrelationID'] == request && data.key?('body')
      puts "answer #{data['body']}"
      send.call(topic, {}, 'news')
    elsif properties['topic'] == topic
      puts "message #{data['body']}"
      client.disconnect.callback { EM.stop }
    end
  end

  subscribe = lambda do
    subscription = client.subscribe(extension.bridge['userChannel']) { |data| received.call(data) }
    subscription.callback { control.call('connect', 'protocolVersion' => '1.2') }
  end
  # Faye may not be called again inside of this callback.
  client.connect { EM.next_tick(&subscribe) }
end
